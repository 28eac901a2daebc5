"""xAPI: what happened in learning, told to other systems. Imports: vocabulary, statements, telling, delivering."""
