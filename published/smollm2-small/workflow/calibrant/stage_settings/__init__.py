"""What each stage is told of the study: its part, and nothing else.

The workflow passes these settings to the stage's script as JSON. A stage that never sees a setting
cannot depend on it, so a change of that setting does not rerun it. Each family of stages has a module
of its own, so that a setting added for one changes the code of no other.
"""
