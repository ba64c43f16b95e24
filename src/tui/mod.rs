//! The dashboard: a D-Bus client like any other.
//!
//! Key, news and clock become an [`action::Action`]; [`view::update`] lets it happen to the [`view::View`];
//! [`screen::render`] draws the view.

pub mod action;
pub mod panel;
pub mod screen;
pub mod view;
