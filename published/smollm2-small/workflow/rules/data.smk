# From sources to questions: fetch, prepare, seal.


rule fetch:
    output:
        manifest="<results>/data/sources/{dataset}.json",
        record=record("<results>/data/sources/{dataset}.json"),
    log:
        "<logs>/fetch/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("fetch"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.fetch_settings(STUDY, w.dataset)),
    message:
        "Fetching {wildcards.dataset}"
    shell:
        "python workflow/scripts/fetch.py --root {params.root:q} --subject {wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --manifest {output.manifest:q} 2>&1 | tee {log:q}"


rule prepare:
    input:
        source=dataset_source,
    output:
        questions="<results>/data/questions/{dataset}.parquet",
        account="<results>/data/questions/{dataset}.json",
        record=record("<results>/data/questions/{dataset}.parquet"),
    log:
        "<logs>/prepare/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("prepare"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.prepare_settings(STUDY, w.dataset)),
        seed=STUDY.seed,
    message:
        "Preparing {wildcards.dataset}"
    shell:
        "python workflow/scripts/prepare.py --root {params.root:q} --subject {wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --source {input.source:q} --questions {output.questions:q}"
        " --account {output.account:q} 2>&1 | tee {log:q}"


rule prepare_verdicts:
    input:
        source=dataset_source,
    output:
        verdicts="<results>/data/verdicts/{dataset}.parquet",
        account="<results>/data/verdicts/{dataset}.json",
        record=record("<results>/data/verdicts/{dataset}.parquet"),
    log:
        "<logs>/prepare_verdicts/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("prepare_verdicts"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.prepare_settings(STUDY, w.dataset)),
        seed=STUDY.seed,
    message:
        "Preparing the human verdicts {wildcards.dataset}"
    shell:
        "python workflow/scripts/prepare_verdicts.py --root {params.root:q}"
        " --subject {wildcards.dataset} --code {params.code:q} --lock {params.lock:q}"
        " --settings {params.settings:q} --seed {params.seed:q} --source {input.source:q}"
        " --verdicts {output.verdicts:q} --account {output.account:q} 2>&1 | tee {log:q}"


rule seal:
    input:
        questions=expand(
            "<results>/data/questions/{dataset}.parquet",
            dataset=of_kind("questions", "transcripts"),
        ),
    output:
        training="<results>/data/training.parquet",
        validation="<results>/data/validation.parquet",
        overlap="<results>/data/overlap.json",
        record=record("<results>/data/training.parquet"),
    log:
        "<logs>/seal.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("seal"),
        lock=lock("core"),
        settings=settings(study_parts.seal_settings(STUDY)),
    message:
        "Sealing the training set against everything evaluated"
    shell:
        "python workflow/scripts/seal.py --root {params.root:q} --code {params.code:q}"
        " --lock {params.lock:q} --settings {params.settings:q} --questions {input.questions:q}"
        " --training {output.training:q} --validation {output.validation:q}"
        " --overlap {output.overlap:q} 2>&1 | tee {log:q}"
