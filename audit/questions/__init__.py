"""One module a question: ``ask(spec, budget, note) -> Answer``."""
