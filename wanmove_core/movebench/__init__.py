"""MoveBench: its folders read, checked and written, a model run over them, and what came of it shown."""
