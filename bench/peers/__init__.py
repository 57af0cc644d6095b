"""Other admin panels on the same table: Django admin and Flask-Admin, set up as their documentation says."""
