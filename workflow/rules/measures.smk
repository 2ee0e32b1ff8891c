# From graded answers to figures, and figures against published ones.


rule measure:
    input:
        predictions=predictions_file,
    output:
        measures="<results>/measures/{method}/seed{seed}/{dataset}.json",
        record=record("<results>/measures/{method}/seed{seed}/{dataset}.json"),
    log:
        "<logs>/measure/{method}/seed{seed}/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("measure"),
        lock=lock("core"),
        settings=settings(study_parts.measure_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Measuring {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/measure.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --predictions {input.predictions:q}"
        " --measures {output.measures:q} 2>&1 | tee {log:q}"


rule compare_published:
    input:
        manifest="<results>/data/sources/{dataset}.json",
        measures=lambda w: cells(
            "<results>/measures/{method}/seed{seed}/{dataset}.json",
            [cell for cell in CELLS if cell[-1] == w.dataset],
        ),
    output:
        comparison="<results>/measures/published/{dataset}.json",
        record=record("<results>/measures/published/{dataset}.json"),
    log:
        "<logs>/compare_published/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("compare_published"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.compare_settings(STUDY, w.dataset)),
    message:
        "Comparing with the figures published for {wildcards.dataset}"
    shell:
        "python workflow/scripts/compare_published.py --root {params.root:q}"
        " --subject {wildcards.dataset} --code {params.code:q} --lock {params.lock:q}"
        " --settings {params.settings:q} --manifest {input.manifest:q}"
        " --measures {input.measures:q} --comparison {output.comparison:q} 2>&1 | tee {log:q}"


rule faithfulness:
    input:
        predictions=predictions_file,
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        figures="<results>/measures/{method}/seed{seed}/{dataset}.faithfulness.json",
        record=record(
            "<results>/measures/{method}/seed{seed}/{dataset}.faithfulness.json"
        ),
    log:
        "<logs>/faithfulness/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_cells.methods_of_kind(STUDY, "sampled")),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("faithfulness"),
        lock=lock("core"),
        settings=settings(study_parts.faithfulness_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Measuring the faithfulness of {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/faithfulness.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --predictions {input.predictions:q}"
        " --questions {input.questions:q} --figures {output.figures:q} 2>&1 | tee {log:q}"


rule self_judge:
    input:
        model=answering_manifest,
        predictions=predictions_file,
        questions="<results>/data/questions/{dataset}.parquet",
    output:
        forecasts="<results>/predictions/{method}/seed{seed}/{dataset}.self_judgement.parquet",
        record=record(
            "<results>/predictions/{method}/seed{seed}/{dataset}.self_judgement.parquet"
        ),
    log:
        "<logs>/self_judge/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_self_judgement.self_judging_methods(STUDY)),
    conda:
        INFERENCE
    threads: cores_per_answering
    params:
        root=results_folder,
        code=code("self_judge"),
        lock=lock("inference"),
        settings=lambda w: settings(
            study_self_judgement.self_judge_settings(STUDY, w.method, w.dataset)
        ),
    message:
        "Asking {wildcards.method} how faithful it was on {wildcards.dataset}"
    shell:
        "export OMP_NUM_THREADS={threads};"
        " python workflow/scripts/self_judge.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --model {input.model:q} --predictions {input.predictions:q}"
        " --questions {input.questions:q} --forecasts {output.forecasts:q} 2>&1 | tee {log:q}"


rule measure_self_judgement:
    input:
        forecasts="<results>/predictions/{method}/seed{seed}/{dataset}.self_judgement.parquet",
    output:
        figures="<results>/measures/{method}/seed{seed}/{dataset}.self_judgement.json",
        record=record(
            "<results>/measures/{method}/seed{seed}/{dataset}.self_judgement.json"
        ),
    log:
        "<logs>/measure_self_judgement/{method}/seed{seed}/{dataset}.log",
    wildcard_constraints:
        method=any_of(study_self_judgement.self_judging_methods(STUDY)),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("measure_self_judgement"),
        lock=lock("core"),
        settings=lambda w: settings(
            study_self_judgement.self_judged_settings(STUDY, w.method)
        ),
        seed=STUDY.seed,
    message:
        "Measuring how {wildcards.method} judged itself on {wildcards.dataset}"
    shell:
        "python workflow/scripts/measure_self_judgement.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --forecasts {input.forecasts:q}"
        " --figures {output.figures:q} 2>&1 | tee {log:q}"


rule certify:
    input:
        calibration="<results>/predictions/{method}/seed{seed}/calibration/{dataset}.parquet",
        predictions=certified_predictions,
    output:
        certificate="<results>/certificates/{method}/seed{seed}/{dataset}.json",
        card="<results>/certificates/{method}/seed{seed}/{dataset}.md",
        applied="<results>/certificates/{method}/seed{seed}/{dataset}.applied.json",
        record=record("<results>/certificates/{method}/seed{seed}/{dataset}.json"),
    log:
        "<logs>/certify/{method}/seed{seed}/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("certify"),
        lock=lock("core"),
        settings=lambda w: settings(
            study_certificates.certify_settings(STUDY, w.dataset)
        ),
    message:
        "Certifying a threshold for {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/certify.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --calibration {input.calibration:q} --predictions {input.predictions:q}"
        " --certificate {output.certificate:q} --card {output.card:q}"
        " --applied {output.applied:q} 2>&1 | tee {log:q}"


rule compare_methods:
    input:
        predictions=lambda w: [
            predictions_of(*cell)
            for cell in study_comparisons.compared_cells(STUDY, w.dataset)
        ],
    output:
        comparison="<results>/comparisons/methods/{dataset}.json",
        record=record("<results>/comparisons/methods/{dataset}.json"),
    log:
        "<logs>/compare_methods/{dataset}.log",
    wildcard_constraints:
        dataset=any_of(study_comparisons.compared_datasets(STUDY)),
    conda:
        CORE
    params:
        root=results_folder,
        code=code("compare_methods"),
        lock=lock("core"),
        settings=lambda w: settings(
            study_comparisons.compare_methods_settings(STUDY, w.dataset)
        ),
        seed=STUDY.seed,
    message:
        "Comparing the methods on {wildcards.dataset}"
    shell:
        "python workflow/scripts/compare_methods.py --root {params.root:q}"
        " --subject {wildcards.dataset} --code {params.code:q} --lock {params.lock:q}"
        " --settings {params.settings:q} --seed {params.seed:q}"
        " --predictions {input.predictions:q} --comparison {output.comparison:q} 2>&1 | tee {log:q}"


rule transfer_gap:
    input:
        in_domain=[
            predictions_of(*cell)
            for cell in study_comparisons.transfer_cells(STUDY)[0]
        ],
        held_out=[
            predictions_of(*cell)
            for cell in study_comparisons.transfer_cells(STUDY)[1]
        ],
    output:
        transfer="<results>/comparisons/transfer.json",
        record=record("<results>/comparisons/transfer.json"),
    log:
        "<logs>/transfer_gap.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("transfer_gap"),
        lock=lock("core"),
        settings=lambda w: settings(study_comparisons.transfer_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Comparing held-out questions with those in domain"
    shell:
        "python workflow/scripts/transfer_gap.py --root {params.root:q} --code {params.code:q}"
        " --lock {params.lock:q} --settings {params.settings:q} --seed {params.seed:q}"
        " --in-domain {input.in_domain:q} --held-out {input.held_out:q}"
        " --transfer {output.transfer:q} 2>&1 | tee {log:q}"
