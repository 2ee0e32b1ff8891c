# From questions to graded answers: the models, their answers or recorded ones, grades.


rule base_model:
    input:
        source=model_source,
    output:
        manifest="<results>/model/{model}/base/manifest.json",
        record=record("<results>/model/{model}/base/manifest.json"),
    log:
        "<logs>/base_model/{model}.log",
    conda:
        INFERENCE
    params:
        root=results_folder,
        code=code("base_model"),
        lock=lock("inference"),
        settings=lambda w: settings(study_parts.model_settings(STUDY, w.model)),
        # Only a model made in the run depends on the seed.
        seed=lambda w: STUDY.seed if STUDY.models[w.model].kind == "made" else 0,
    message:
        "Making the model {wildcards.model}"
    shell:
        "python workflow/scripts/base_model.py --root {params.root:q} --subject {wildcards.model}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --source {input.source:q}"
        " --manifest {output.manifest:q} 2>&1 | tee {log:q}"


rule generate:
    input:
        model=answering_manifest,
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        completions="<results>/predictions/{method}/seed{seed}/{dataset}.completions.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/{dataset}.completions.parquet"
        ),
    log:
        "<logs>/generate/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "model", "trained", "sampled")),
    conda:
        INFERENCE
    # Two large answering models would share the cores, or the GPU, and be slower than one after the other.
    threads: cores_per_answering
    params:
        root=results_folder,
        code=code("generate"),
        lock=lock("inference"),
        settings=lambda w: settings(
            study_parts.generate_settings(STUDY, w.method, w.dataset)
        ),
    message:
        "{wildcards.method} answers {wildcards.dataset}"
    shell:
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/generate.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {wildcards.seed} --model {input.model:q} --questions {input.questions:q}"
        " --completions {output.completions:q} 2>&1 | tee {log:q}"


rule read_transcripts:
    input:
        manifest="<results>/data/sources/{dataset}.json",
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        completions="<results>/predictions/{method}/seed{seed}/{dataset}.completions.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/{dataset}.completions.parquet"
        ),
    log:
        "<logs>/read_transcripts/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "recorded")),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("read_transcripts"),
        lock=lock("core"),
        settings=lambda w: settings(
            study_parts.transcript_settings(STUDY, w.method, w.dataset)
        ),
    message:
        "Reading what {wildcards.method} answered to {wildcards.dataset}"
    shell:
        "python workflow/scripts/read_transcripts.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {wildcards.seed} --manifest {input.manifest:q} --questions {input.questions:q}"
        " --completions {output.completions:q} 2>&1 | tee {log:q}"


rule grade:
    input:
        completions="<results>/predictions/{method}/seed{seed}/{dataset}.completions.parquet",
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        predictions="<results>/predictions/{method}/seed{seed}/{dataset}.parquet",
        record=record("<results>/predictions/{method}/seed{seed}/{dataset}.parquet"),
    log:
        "<logs>/grade/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(
            study_cells.methods_of_kind(
                STUDY, "model", "trained", "sampled", "recorded"
            )
        ),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("grade"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.grade_settings(STUDY, w.method)),
    message:
        "Grading {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/grade.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --completions {input.completions:q} --questions {input.questions:q}"
        " --predictions {output.predictions:q} 2>&1 | tee {log:q}"


# What is fitted after training, calibrators and thresholds, learns from the calibration split alone.
use rule generate as generate_calibration with:
    output:
        completions="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.completions.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/calibration/{dataset}.completions.parquet"
        ),
    log:
        "<logs>/generate/{method}/seed{seed}/calibration/{dataset}.log",
    params:
        root=results_folder,
        code=code("generate"),
        lock=lock("inference"),
        settings=lambda w: settings(
            study_parts.calibration_settings(STUDY, w.method, w.dataset)
        ),
    message:
        "{wildcards.method} answers the calibration split of {wildcards.dataset}"


use rule grade as grade_calibration with:
    input:
        completions="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.completions.parquet",
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        predictions="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/calibration/{dataset}.parquet"
        ),
    log:
        "<logs>/grade/{method}/seed{seed}/calibration/{dataset}.log",
    message:
        "Grading {wildcards.method} on the calibration split of {wildcards.dataset}"
