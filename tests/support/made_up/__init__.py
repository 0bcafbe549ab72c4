"""Made-up data in the shape of the real: boards, models, documents, publications, stores, scripts, clones."""
