"""The list of Flask-Admin on Rollcall's table, with default settings and without sign-in, which makes it faster."""

from __future__ import annotations

import os

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.update(SECRET_KEY="bench", SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"])
db = SQLAlchemy(app)


class Person(db.Model):
    __tablename__ = "users"

    id = db.Column(db.Uuid, primary_key=True)
    email = db.Column(db.String)
    username = db.Column(db.String)
    name = db.Column(db.String)
    status = db.Column(db.String)
    created_at = db.Column(db.DateTime(timezone=True))
    last_sign_in_at = db.Column(db.DateTime(timezone=True))


class PersonView(ModelView):
    column_searchable_list = ("username", "email", "name")
    column_filters = ("status",)
    column_sortable_list = ("email", "username", "name", "created_at", "last_sign_in_at")
    page_size = 50


admin = Admin(app)
with app.app_context():
    admin.add_view(PersonView(Person, db.session, endpoint="people", url="/people"))
