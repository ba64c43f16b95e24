//! Recorded sessions: the format, redaction, comparison, import.
