# Methods made from the answers of others: their confidences mapped, asked for again, or put to a vote.


rule calibrate:
    input:
        fit=fitting_files,
        predictions=source_predictions,
    output:
        calibrated="<results>/predictions/{method}/seed{seed}/{dataset}.parquet",
        calibrator="<results>/predictions/{method}/seed{seed}/{dataset}.calibrator.json",
        record=record("<results>/predictions/{method}/seed{seed}/{dataset}.parquet"),
    log:
        "<logs>/calibrate/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "calibrated")),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("calibrate"),
        lock=lock("core"),
        settings=lambda w: settings(study_derived.calibrate_settings(STUDY, w.method)),
    message:
        "Mapping confidences: {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/calibrate.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --fit {input.fit:q} --predictions {input.predictions:q}"
        " --calibrated {output.calibrated:q} --calibrator {output.calibrator:q} 2>&1 | tee {log:q}"


rule score_answers:
    input:
        model=answering_manifest,
        completions=lambda w: source_predictions(w)
        .replace(".judged.parquet", ".parquet")
        .replace(".parquet", ".completions.parquet"),
        predictions=source_predictions,
        fit_completions=lambda w: fitting_files(w, "completions.parquet"),
        fit_predictions=fitting_files,
    output:
        scored="<results>/predictions/{method}/seed{seed}/{dataset}.parquet",
        account="<results>/predictions/{method}/seed{seed}/{dataset}.scores.json",
        record=record("<results>/predictions/{method}/seed{seed}/{dataset}.parquet"),
    log:
        "<logs>/score_answers/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "scored")),
    conda:
        INFERENCE
    threads: cores_per_answering
    params:
        root=results_folder,
        code=code("score_answers"),
        lock=lock("inference"),
        settings=lambda w: settings(study_derived.score_settings(STUDY, w.method)),
    message:
        "Asking the model anew: {wildcards.method} on {wildcards.dataset}"
    shell:
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/score_answers.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {wildcards.seed} --model {input.model:q}"
        " --completions {input.completions:q} --predictions {input.predictions:q}"
        " --fit-completions {input.fit_completions:q} --fit-predictions {input.fit_predictions:q}"
        " --scored {output.scored:q} --account {output.account:q} 2>&1 | tee {log:q}"


# A calibrator over scores is fitted on the scores of the calibration split.
use rule score_answers as score_calibration with:
    input:
        model=answering_manifest,
        completions=lambda w: calibration_source(w, "completions.parquet"),
        predictions=lambda w: calibration_source(w, "parquet"),
        fit_completions=lambda w: fitting_files(w, "completions.parquet"),
        fit_predictions=fitting_files,
    output:
        scored="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.parquet",
        account="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.scores.json",
        record=record(
            "<results>/predictions/{method}/seed{seed}/calibration/{dataset}.parquet"
        ),
    log:
        "<logs>/score_answers/{method}/seed{seed}/calibration/{dataset}.log",
    message:
        "Asking the model anew: {wildcards.method} on the calibration split of {wildcards.dataset}"


rule vote:
    input:
        predictions=source_predictions,
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        voted="<results>/predictions/{method}/seed{seed}/{dataset}.parquet",
        record=record("<results>/predictions/{method}/seed{seed}/{dataset}.parquet"),
    log:
        "<logs>/vote/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "voted")),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("vote"),
        lock=lock("core"),
        settings=lambda w: settings(study_derived.vote_settings(STUDY, w.method)),
    message:
        "Voting: {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/vote.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --predictions {input.predictions:q} --questions {input.questions:q}"
        " --voted {output.voted:q} 2>&1 | tee {log:q}"
