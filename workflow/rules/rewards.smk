# What the rewards ask for, and where they lead, for the report; one that fails ends a run before any job.


rule audit_rewards:
    output:
        audit="<results>/rewards/audit.json",
        record=record("<results>/rewards/audit.json"),
    log:
        "<logs>/audit_rewards.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("audit_rewards"),
        lock=lock("core"),
        settings=settings(study_audit.audit_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Auditing the rewards"
    shell:
        "python workflow/scripts/audit_rewards.py --root {params.root:q}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --audit {output.audit:q} 2>&1 | tee {log:q}"
