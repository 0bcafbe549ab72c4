"""The doctor: check everything that llmhub depends on and say what to do; it changes nothing."""

from llmhub.doctor.examine import examine
from llmhub.doctor.findings import Examination, Finding

__all__ = ["Examination", "Finding", "examine"]
