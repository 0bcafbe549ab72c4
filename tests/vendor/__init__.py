"""Tests of what lies in vendor/."""
