# From figures to the page a person reads, and to MLflow.

MEASURES = cells("<results>/measures/{method}/seed{seed}/{dataset}.json")
COMPARISONS = expand(
    "<results>/measures/published/{dataset}.json",
    dataset=[
        name
        for name in of_kind("transcripts")
        if any(cell[-1] == name for cell in CELLS)
    ],
)
AUDIT = ["<results>/rewards/audit.json"] if STUDY.rewards else []
OVERLAP = ["<results>/data/overlap.json"] if STUDY.datasets.train else []
JUDGES = [f"<results>/judging/{name}/validation.json" for name in STUDY.judges]
SELECTION = ["<results>/labels/selection.json"] if STUDY.selection else []
SELF_RATING = ["<results>/labels/self_rating.json"] if SELF_RATED else []
JUDGED = cells(
    "<results>/measures/{method}/seed{seed}/{dataset}.judged.json",
    [cell for cell in CELLS if study_judges.grading_judge(STUDY, cell[-1]) is not None],
)
CERTIFICATES = cells(
    "<results>/certificates/{method}/seed{seed}/{dataset}.applied.json",
    study_certificates.certificates_of(STUDY),
)
FAITHFULNESS = cells(
    "<results>/measures/{method}/seed{seed}/{dataset}.faithfulness.json",
    [
        cell
        for cell in CELLS
        if cell[0] in study_cells.methods_of_kind(STUDY, "sampled")
        and STUDY.methods[cell[0]].samples > 1
    ],
)
SELF_JUDGED = cells(
    "<results>/measures/{method}/seed{seed}/{dataset}.self_judgement.json",
    [
        cell
        for cell in CELLS
        if cell[0] in study_self_judgement.self_judging_methods(STUDY)
    ],
)
COMPARED = [
    f"<results>/comparisons/methods/{name}.json"
    for name in study_comparisons.compared_datasets(STUDY)
]
IN_DOMAIN, HELD_OUT = study_comparisons.transfer_cells(STUDY)
TRANSFER = ["<results>/comparisons/transfer.json"] if IN_DOMAIN else []
CURVES = [
    f"<results>/train/{method}/seed{seed}.curve.jsonl"
    for method, seed in study_cells.trainings_of(STUDY)
]


rule report:
    input:
        measures=MEASURES,
        accounts=accounts(),
        overlap=OVERLAP,
        published=COMPARISONS,
        audit=AUDIT,
        curves=CURVES,
        judges=JUDGES,
        selection=SELECTION,
        self_rating=SELF_RATING,
        judged=JUDGED,
        certificates=CERTIFICATES,
        faithfulness=FAITHFULNESS,
        self_judged=SELF_JUDGED,
        comparisons=COMPARED,
        transfer=TRANSFER,
    output:
        page=report(
            "<results>/report/report.html",
            caption="../report/report.rst",
            category="Report",
        ),
        numbers=report(
            "<results>/report/numbers.json",
            caption="../report/numbers.rst",
            category="Report",
        ),
        lineage=report(
            "<results>/report/lineage.html",
            caption="../report/lineage.rst",
            category="Report",
        ),
        record=record("<results>/report/report.html"),
    log:
        "<logs>/report.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("report"),
        lock=lock("core"),
        settings=settings(study_parts.report_settings(STUDY, STUDY_NAME)),
    message:
        "Writing the report"
    shell:
        "python workflow/scripts/report.py --root {params.root:q} --code {params.code:q}"
        " --lock {params.lock:q} --settings {params.settings:q} --measures {input.measures:q}"
        " --accounts {input.accounts:q} --overlap {input.overlap:q} --published {input.published:q} --audit {input.audit:q}"
        " --curves {input.curves:q} --judges {input.judges:q}"
        " --selection {input.selection:q} --self-rating {input.self_rating:q}"
        " --judged {input.judged:q}"
        " --certificates {input.certificates:q} --faithfulness {input.faithfulness:q}"
        " --self-judged {input.self_judged:q}"
        " --comparisons {input.comparisons:q} --transfer {input.transfer:q}"
        " --page {output.page:q} --numbers {output.numbers:q}"
        " --lineage {output.lineage:q} 2>&1 | tee {log:q}"


rule publish:
    input:
        # The page depends on all that was measured, so every record is there by now.
        page="<results>/report/report.html",
    output:
        published="<results>/report/mlflow.json",
        record=record("<results>/report/mlflow.json"),
    log:
        "<logs>/publish.log",
    conda:
        TRACKING
    params:
        root=results_folder,
        code=code("publish"),
        lock=lock("tracking"),
        settings=settings(study_parts.publish_settings(STUDY_NAME)),
    message:
        "Publishing the runs to MLflow"
    shell:
        "python workflow/scripts/publish.py --root {params.root:q} --code {params.code:q}"
        " --lock {params.lock:q} --settings {params.settings:q} --page {input.page:q}"
        " --published {output.published:q} 2>&1 | tee {log:q}"


rule model_card:
    input:
        manifest="<results>/train/{method}/seed{seed}/manifest.json",
        measures=lambda w: cells(
            "<results>/measures/{method}/seed{seed}/{dataset}.json",
            [cell for cell in CELLS if cell[:2] == (w.method, int(w.seed))],
        ),
        certificates=lambda w: expand(
            f"<results>/certificates/{w.method}/seed{w.seed}/{{dataset}}.applied.json",
            dataset=study_model_cards.certified_datasets(STUDY, w.method),
        ),
    output:
        card="<results>/cards/{method}/seed{seed}.md",
        record=record("<results>/cards/{method}/seed{seed}.md"),
    log:
        "<logs>/model_card/{method}/seed{seed}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("model_card"),
        lock=lock("core"),
        settings=lambda w: settings(
            study_model_cards.model_card_settings(
                STUDY, STUDY_NAME, w.method, f"{RESULTS}/train/{w.method}/seed{w.seed}"
            )
        ),
    message:
        "Writing the card of {wildcards.method}, seed {wildcards.seed}"
    shell:
        "python workflow/scripts/model_card.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --manifest {input.manifest:q} --measures {input.measures:q}"
        " --certificates {input.certificates:q} --card {output.card:q} 2>&1 | tee {log:q}"
