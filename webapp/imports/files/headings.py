"""The words that files use as headings, and which field each means."""

from __future__ import annotations

import re
from functools import lru_cache

from webapp.core.text import fold_text

# Compared by `heading_key`: without case, accents, spaces and punctuation.
HEADINGS = {
    "email": (
        "email, e-mail, mail, email address, e-mail address, mail address, primary email, primary e-mail address,"
        " work email, work e-mail, business email, company email, corporate email, office email, email work,"
        " employee email, user email, contact email, login email, emails, emails.value, smtp address,"
        " primary smtp address, windows email address, электронный адрес, эл. почта, эл. адрес, почта, e-mail адрес,"
        " электронная почта, адрес электронной почты, адрес эл. почты, имейл, емейл, мейл, рабочая почта, эл почта,"
        " рабочий e-mail, рабочий email, корпоративная почта, корпоративный e-mail, почта сотрудника, почтовый адрес,"
        " e-mail-adresse, email-adresse, mailadresse, dienstliche e-mail, geschäftliche e-mail, courriel,"
        " adresse e-mail, adresse mail, adresse de messagerie, correo, correo electrónico, posta elettronica,"
        " indirizzo email, indirizzo e-mail, endereço de e-mail, correio eletrónico, adres e-mail, e-posta"
    ),
    "username": (
        "username, user name, login, login name, user principal name, upn, sign in name, signinname,"
        " account, account name, user, user id, userid, uid, sam account name,"
        " samaccountname, logon name, user logon name, nickname, логин, имя пользователя, учётная запись, имя входа,"
        " логин пользователя, имя учётной записи, доменное имя, benutzername, benutzer, anmeldename, kennung,"
        " nom d'utilisateur, identifiant, nombre de usuario, usuario, nome utente, nome de usuário, kullanıcı adı"
    ),
    "name": (
        "name, full name, fullname, display name, displayname, employee, employee name, person, person name, cn,"
        " common name, first and last name, name.formatted, name.fullname, фио, ф.и.о., ф.и.о, имя и фамилия,"
        " фамилия и имя, фамилия имя отчество, фамилия имя, полное имя, отображаемое имя, сотрудник, работник,"
        " фио сотрудника, фио работника, фио полностью, имя сотрудника, пользователь, физическое лицо, физлицо,"
        " vollständiger name, anzeigename, mitarbeiter, nom complet, nom et prénom, nombre completo,"
        " nombre y apellidos, nome completo, naam, nazwa, ad soyad"
    ),
    "given_name": (
        "first name, given name, givenname, firstname, forename, first, preferred first name, имя, vorname, prénom,"
        " nombre, nombre de pila, nome, voornaam, imię, ad, name.givenname"
    ),
    "middle_name": "middle name, middlename, patronymic, second name, отчество, по отчеству, name.middlename",
    "family_name": (
        "last name, surname, family name, lastname, familyname, sn, last, second surname, фамилия, nachname,"
        " familienname, nom de famille, nom, apellido, apellidos, cognome, sobrenome, achternaam, nazwisko, soyad,"
        " name.familyname"
    ),
    "status": (
        "status, account status, user status, state, account state, employment status, employee status, статус,"
        " статус пользователя, состояние, статус учётной записи, статус сотрудника, kontostatus, zustand, statut,"
        " estado, stato"
    ),
    "enabled": (
        "enabled, active, is active, isactive, account enabled, accountenabled, can sign in, user enabled,"
        " учётная запись включена, включён, включена, активен, активна, активный, активность, aktiv, aktiviert, actif,"
        " activo, attivo"
    ),
    "disabled": (
        "disabled, suspended, blocked, is blocked, is disabled, is suspended, account disabled, block sign in,"
        " block credential, blockcredential, archived, inactive, deactivated, nsaccountlock, заблокирован,"
        " заблокирована, отключён, отключена, уволен, уволена, блокировка, gesperrt, deaktiviert, désactivé"
    ),
    "account_control": "useraccountcontrol",
    "roles": "role, roles, user role, user roles, role name, роль, роли, rolle, rollen, rôle, rôles, rol",
    "groups": (
        "group, groups, user groups, group names, member of, memberof, teams, team, группа, группы, команда, gruppe,"
        " gruppen, groupe, groupes, grupo, grupos, groups.display"
    ),
    "starts_at": (
        "access starts on, starts, starts at, start date, startdate, valid from, account start, hire date, hiredate,"
        " employee hire date, employeehiredate, joining date, date of joining, доступ с, начало доступа,"
        " дата начала, дата приёма, дата приёма на работу, действует с, начало, eintrittsdatum, eintritt, gültig ab,"
        " date d'entrée, date d'embauche"
    ),
    "ends_at": (
        "access ends on, ends, ends at, end date, enddate, valid until, valid to, account expires, accountexpires,"
        " expiration date, expiry date, account expiration date, termination date, terminationdate,"
        " employee leave date time, employeeleavedatetime, last working day, contract end, доступ до, доступ по,"
        " окончание доступа, дата окончания, дата увольнения, действует до, действует по, истекает,"
        " austrittsdatum, austritt, gültig bis, date de sortie, date de fin, krbprincipalexpiration"
    ),
    "manager": (
        "manager, manager email, manager e-mail, manager's email, manager mail, reports to, supervisor,"
        " supervisor email, line manager, boss, руководитель, начальник, почта руководителя, e-mail руководителя,"
        " email руководителя, эл. почта руководителя, непосредственный руководитель, vorgesetzter, vorgesetzte,"
        " responsable, manager.value"
    ),
    "locale": (
        "locale, language, preferred language, preferredlanguage, язык, язык интерфейса, sprache, langue, idioma"
    ),
    "timezone": "timezone, time zone, tz, часовой пояс, таймзона, zeitzone, fuseau horaire, zona horaria, zoneinfo",
    "password": "password, initial password, plain password, пароль, passwort, kennwort, mot de passe, contraseña",
    "password_hash": "password hash, passwordhash, hashed password, hash, хеш пароля, хэш пароля, userpassword",
}
# Rollcall's own ID. Other systems have an ID too, so it counts only in Rollcall's exports.
OWN_ID = "id"
# Headings of common attributes. An attribute that has one of the words as key or name gets the columns of the others.
SYNONYMS = (
    (
        "department, dept, division, unit, org unit, department name, отдел, подразделение, департамент, abteilung,"
        " service, departamento, organizations.department"
    ),
    (
        "title, job title, jobtitle, position, employee title, должность, position title, stelle, funktion, poste,"
        " cargo, organizations.title"
    ),
    (
        "phone, telephone, phone number, telephone number, telephonenumber, work phone, business phone, businessphones,"
        " primary phone, office phone, phone numbers, phonenumbers.value, phones.value, телефон, номер телефона,"
        " рабочий телефон, telefon, téléphone, teléfono"
    ),
    "mobile, mobile phone, mobilephone, cell, cell phone, мобильный, мобильный телефон, сотовый, handy, mobil",
    (
        "employee number, employeenumber, employee id, employeeid, personnel number, staff id, staff number,"
        " табельный номер, табельный, таб. номер, таб. №, personalnummer, matricule"
    ),
    "city, town, location, l, locality, город, stadt, ort, ville, ciudad, addresses.locality",
    "country, country code, usage location, usagelocation, co, страна, land, pays, país, addresses.country",
    "company, company name, organization, organisation, o, компания, организация, firma, société, empresa",
    "office, office location, physical delivery office name, офис, кабинет, büro, bureau",
    "cost center, cost centre, costcenter, место возникновения затрат, центр затрат, kostenstelle",
)

HEADING_MAX = 200
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_BRACKETED = re.compile(r"\[([^\]]+)\]")
_REQUIRED = re.compile(r"\b(required|optional|обязательно|обязательное поле)\b", re.IGNORECASE)
# Where other systems put the person in JSON.
_PREFIX = re.compile(
    r"^(profile|fields|attributes|user|person|employee)\.|^urn:[^.]*(?:\.\d)?.*:User[.:]", re.IGNORECASE
)


def heading_key(heading: str) -> str:
    """Return the letters and digits of a heading, without case and accents."""
    return _key(heading[:HEADING_MAX])


def heading_keys(heading: str) -> tuple[str, ...]:
    """Return the keys under which a heading can be known, the most exact one first."""
    return _keys(heading[:HEADING_MAX])


# The caches get shortened headings: they keep what they get.
@lru_cache(maxsize=4096)
def _key(heading: str) -> str:
    return "".join(c for c in fold_text(heading) if c.isalnum())


@lru_cache(maxsize=4096)
def _keys(heading: str) -> tuple[str, ...]:
    plain = _REQUIRED.sub("", _BRACKETS.sub("", heading))
    unprefixed = _PREFIX.sub("", heading)
    variants = [heading, plain, unprefixed, *_BRACKETED.findall(heading)]
    return tuple(key for key in dict.fromkeys(map(heading_key, variants)) if key)


def _by_key() -> dict[str, str]:
    return {heading_key(word): target for target, words in HEADINGS.items() for word in words.split(",")}


TARGETS_BY_KEY = _by_key()
_SYNONYMS = [{heading_key(word) for word in words.split(",")} for words in SYNONYMS]


def find_target(heading: str) -> str | None:
    """Return the field that the heading means, or None."""
    return next((TARGETS_BY_KEY[key] for key in heading_keys(heading) if key in TARGETS_BY_KEY), None)


def synonyms(key: str) -> set[str]:
    """Return the keys of headings that mean the same attribute."""
    return next((keys for keys in _SYNONYMS if key in keys), {key})
