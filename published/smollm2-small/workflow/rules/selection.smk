# Which questions are trained on: answered by the starting model, graded, and chosen by difficulty,
# and then by what the model says of its own answers.


rule sample:
    input:
        model=lambda w: model_manifest(study_selection.selection_model(STUDY)),
        training="<results>/data/training.parquet",
    output:
        completions="<results>/labels/samples.completions.parquet",
        record=record("<results>/labels/samples.completions.parquet"),
    log:
        "<logs>/sample.log",
    conda:
        INFERENCE
    threads: all_cores
    params:
        root=results_folder,
        code=code("sample"),
        lock=lock("inference"),
        settings=lambda w: settings(study_selection.sample_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Sampling answers to the training questions"
    shell:
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/sample.py --root {params.root:q} --code {params.code:q}"
        " --lock {params.lock:q} --settings {params.settings:q} --seed {params.seed:q}"
        " --model {input.model:q} --training {input.training:q}"
        " --completions {output.completions:q} 2>&1 | tee {log:q}"


rule select_questions:
    input:
        completions="<results>/labels/samples.completions.parquet",
        questions="<results>/data/training.parquet",
    output:
        training="<results>/labels/training.parquet",
        selection="<results>/labels/selection.json",
        record=record("<results>/labels/training.parquet"),
    log:
        "<logs>/select_questions.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("select_questions"),
        lock=lock("core"),
        settings=lambda w: settings(study_selection.select_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Selecting the questions to train on"
    shell:
        "python workflow/scripts/select_questions.py --root {params.root:q}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --completions {input.completions:q}"
        " --questions {input.questions:q} --training {output.training:q}"
        " --selection {output.selection:q} 2>&1 | tee {log:q}"


rule rate_questions:
    input:
        model=lambda w: model_manifest(study_selection.selection_model(STUDY)),
        completions="<results>/labels/samples.completions.parquet",
        questions="<results>/labels/training.parquet",
    output:
        ratings="<results>/labels/ratings.completions.parquet",
        record=record("<results>/labels/ratings.completions.parquet"),
    log:
        "<logs>/rate_questions.log",
    conda:
        INFERENCE
    threads: all_cores
    params:
        root=results_folder,
        code=code("rate_questions"),
        lock=lock("inference"),
        settings=lambda w: settings(study_selection.rate_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Asking the model about its own answers to the training questions"
    shell:
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/rate_questions.py --root {params.root:q}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --model {input.model:q}"
        " --completions {input.completions:q} --questions {input.questions:q}"
        " --ratings {output.ratings:q} 2>&1 | tee {log:q}"


rule choose_questions:
    input:
        completions="<results>/labels/samples.completions.parquet",
        questions="<results>/labels/training.parquet",
        ratings="<results>/labels/ratings.completions.parquet",
    output:
        metacognitive="<results>/labels/metacognitive.parquet",
        random="<results>/labels/random.parquet",
        active="<results>/labels/active.parquet",
        choice="<results>/labels/self_rating.json",
        record=record("<results>/labels/metacognitive.parquet"),
    log:
        "<logs>/choose_questions.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("choose_questions"),
        lock=lock("core"),
        settings=lambda w: settings(study_selection.choose_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Choosing training questions by what the model says of its own answers"
    shell:
        "python workflow/scripts/choose_questions.py --root {params.root:q}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --completions {input.completions:q}"
        " --questions {input.questions:q} --ratings {input.ratings:q}"
        " --metacognitive {output.metacognitive:q} --random {output.random:q}"
        " --active {output.active:q} --choice {output.choice:q} 2>&1 | tee {log:q}"
