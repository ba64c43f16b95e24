//! Decisions as pure functions: `(state, event, now)` in, intents with reasons out.
