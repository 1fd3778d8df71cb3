"""Phone numbers, split into national number, country and calling code (measured on 2.21.0)."""

from typing import Any

import phonenumbers
from phonenumbers import NumberParseException

from crossdock_twenty.sandbox.inspection import coded


def split_phone(number: str, country: str, calling: str) -> tuple[str, str, str]:
    """(number, country, calling code) as stored. Raises RefusalError with the server's code."""
    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        raise coded(f"Invalid country code {country}", "INVALID_PHONE_COUNTRY_CODE")
    code = _calling(calling)
    if country and code and country not in phonenumbers.region_codes_for_country_code(code):
        raise coded(
            "Provided country code and calling code are conflicting",
            "CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE",
        )
    if not number:
        known = f"+{phonenumbers.country_code_for_region(country)}" if country else ""
        return "", country, calling or known
    region = country or (phonenumbers.region_code_for_country_code(code) if code else None)
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        parsed = None
    if parsed is None:  # any number that can be parsed is taken, possible or not (measured)
        raise coded(f"Provided phone number is invalid {number}", "INVALID_PHONE_NUMBER")
    _check_same(parsed.country_code or 0, region)
    national = phonenumbers.national_significant_number(parsed)
    found = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    return national, found, f"+{parsed.country_code}"


def _calling(calling: str) -> int:
    digits = calling.removeprefix("+")
    if calling and not digits.isdecimal():
        raise coded(f"Invalid calling code {calling}", "INVALID_PHONE_CALLING_CODE")
    code = int(digits) if digits else 0
    if code and phonenumbers.region_code_for_country_code(code) == "ZZ":
        raise coded(f"Invalid calling code {calling}", "INVALID_PHONE_CALLING_CODE")
    return code


def _check_same(code: int, region: str | None) -> None:
    """An international number must agree with the given country (assumed code)."""
    if region and region != "ZZ" and phonenumbers.country_code_for_region(region) != code:
        raise coded(
            "Provided and inferred country code are conflicting",
            "CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE",
        )


def additional(entry: Any) -> dict[str, str]:
    """One of `additionalPhones`. A bare number is taken as international (assumed)."""
    given = entry if isinstance(entry, dict) else {"number": entry}
    parts = (given.get("number"), given.get("countryCode"), given.get("callingCode"))
    number, country, calling = split_phone(*(str(part or "") for part in parts))
    return {"number": number, "callingCode": calling, "countryCode": country}
