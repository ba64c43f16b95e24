//! AT commands and answers (ITU-T V.250, TS 27.007).
