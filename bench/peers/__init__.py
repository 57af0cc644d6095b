"""Other admin panels over the same table of people: Django admin and Flask-Admin, as their manuals set them up."""
