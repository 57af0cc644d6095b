"""Scheduled exports: people as a file, regularly, as a download or in a folder (docs/design/exports.md)."""
