"""The doctor: looks at everything that llmhub rests on and says what to do; it changes nothing."""

from llmhub.doctor.examine import examine
from llmhub.doctor.findings import Examination, Finding

__all__ = ["Examination", "Finding", "examine"]
