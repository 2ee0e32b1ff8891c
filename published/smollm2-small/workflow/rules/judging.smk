# Judges of open answers: measured against verdicts, then asked about what graders cannot compare.


rule measure_judge:
    input:
        verdicts=lambda w: f"<results>/data/verdicts/{STUDY.judges[w.judge].verdicts}.parquet",
        models=lambda w: judge_models(w.judge),
    output:
        judge="<results>/judging/{judge}/judge.json",
        errors="<results>/judging/{judge}/errors.json",
        validation="<results>/judging/{judge}/validation.json",
        record=record("<results>/judging/{judge}/judge.json"),
    log:
        "<logs>/measure_judge/{judge}.log",
    conda:
        JUDGING
    threads: all_cores
    params:
        root=results_folder,
        code=code("measure_judge"),
        lock=lock("judging"),
        settings=lambda w: settings(study_judges.measure_judge_settings(STUDY, w.judge)),
        seed=STUDY.seed,
    message:
        "Measuring the judge {wildcards.judge}"
    shell:
        "python workflow/scripts/measure_judge.py --root {params.root:q}"
        " --subject {wildcards.judge} --code {params.code:q} --lock {params.lock:q}"
        " --settings {params.settings:q} --seed {params.seed:q}"
        " --verdicts {input.verdicts:q} --models {input.models:q}"
        " --judge {output.judge:q} --errors {output.errors:q}"
        " --validation {output.validation:q} 2>&1 | tee {log:q}"


rule judge_answers:
    input:
        predictions="<results>/predictions/{method}/seed{seed}/{dataset}.parquet",
        questions="<results>/data/questions/{dataset}.parquet",
        judge=lambda w: judge_files(study_judges.grading_judge(STUDY, w.dataset))[:1],
        models=lambda w: judge_models(study_judges.grading_judge(STUDY, w.dataset)),
    output:
        predictions="<results>/predictions/{method}/seed{seed}/{dataset}.judged.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/{dataset}.judged.parquet"
        ),
    log:
        "<logs>/judge_answers/{method}/seed{seed}/{dataset}.log",
    conda:
        JUDGING
    threads: all_cores
    params:
        root=results_folder,
        code=code("judge_answers"),
        lock=lock("judging"),
        settings=lambda w: settings(
            study_judges.judge_answers_settings(STUDY, w.dataset)
        ),
    message:
        "Judging what {wildcards.method} answered to {wildcards.dataset}"
    shell:
        "python workflow/scripts/judge_answers.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --graded {input.predictions:q} --questions {input.questions:q}"
        " --judge {input.judge:q} --models {input.models:q}"
        " --predictions {output.predictions:q} 2>&1 | tee {log:q}"


rule correct_judged:
    input:
        predictions=predictions_file,
        errors=lambda w: judge_files(study_judges.grading_judge(STUDY, w.dataset))[1:],
    output:
        figures="<results>/measures/{method}/seed{seed}/{dataset}.judged.json",
        record=record("<results>/measures/{method}/seed{seed}/{dataset}.judged.json"),
    log:
        "<logs>/correct_judged/{method}/seed{seed}/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("correct_judged"),
        lock=lock("core"),
        settings=settings(study_judges.correct_judged_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Correcting the figures of {wildcards.method} on {wildcards.dataset} for the judge's errors"
    shell:
        "python workflow/scripts/correct_judged.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --predictions {input.predictions:q} --errors {input.errors:q}"
        " --figures {output.figures:q} 2>&1 | tee {log:q}"
