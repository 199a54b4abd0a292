"""Sheets: Excel workbooks, CSV tables, forms to fill in."""
