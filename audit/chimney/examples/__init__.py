"""The worked examples of the documents, and how each is computed on the model."""
