# From a model to a trained one: the warm-up on laboratory text, and training with a reward.


rule warm_up:
    input:
        model="<results>/model/{model}/base/manifest.json",
        # Where the model learns from its own replies to them; before any selection, which it makes.
        training=warm_up_questions,
    output:
        manifest="<results>/model/{model}/warm/manifest.json",
        record=record("<results>/model/{model}/warm/manifest.json"),
    log:
        "<logs>/warm_up/{model}.log",
    conda:
        TRAINING
    threads: all_cores
    params:
        root=results_folder,
        code=code("warm_up"),
        lock=lock("training"),
        settings=lambda w: settings(study_parts.warm_up_settings(STUDY, w.model)),
        seed=STUDY.seed,
    message:
        "Warming up {wildcards.model}"
    shell:
        "python workflow/scripts/warm_up.py --root {params.root:q} --subject {wildcards.model}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --model {input.model:q}"
        " --training {input.training:q} --manifest {output.manifest:q} 2>&1 | tee {log:q}"


rule train:
    input:
        model=lambda w: start_manifest(w.method),
        training=training_questions,
        # Not the questions of a dataset, which hold its test rows as well.
        validation="<results>/data/validation.parquet",
        accelerate=accelerate_file,
        judge=lambda w: judge_files(labelling_judge(w)),
        judge_models=lambda w: judge_models(labelling_judge(w)),
    output:
        manifest="<results>/train/{method}/seed{seed}/manifest.json",
        curve="<results>/train/{method}/seed{seed}.curve.jsonl",
        record=record("<results>/train/{method}/seed{seed}/manifest.json"),
    log:
        "<logs>/train/{method}/seed{seed}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "trained")),
    # Before what answers with models that are ready: the last training decides when a study ends.
    priority: 1
    conda:
        TRAINING
    threads: cores_per_training
    params:
        root=results_folder,
        code=code("train"),
        lock=lock("training"),
        settings=lambda w: settings(study_parts.train_settings(STUDY, w.method)),
    message:
        "Training {wildcards.method} with seed {wildcards.seed}"
    shell:
        # Trainings that run side by side would each start as many threads as there are cores.
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/train.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {wildcards.seed} --model {input.model:q} --training {input.training:q}"
        " --validation {input.validation:q}"
        " --accelerate {input.accelerate:q}"
        " --judge {input.judge:q} --judge-models {input.judge_models:q}"
        " --manifest {output.manifest:q} --curve {output.curve:q} 2>&1 | tee {log:q}"
