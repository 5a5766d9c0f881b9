"""What a new practice starts with in each country; everything can be changed under Settings afterwards."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Country:
    """`rate` is the standard tax rate in thousandths of a percent, in force since `since`; 0 where there is none."""

    currency: str
    time_zone: str
    tax_name: str
    rate: int
    since: date


COUNTRIES = {
    "ZA": Country("ZAR", "Africa/Johannesburg", "VAT", 15_000, date(2018, 4, 1)),
    "GB": Country("GBP", "Europe/London", "VAT", 20_000, date(2011, 1, 4)),
    "IE": Country("EUR", "Europe/Dublin", "VAT", 23_000, date(2012, 1, 1)),
    "DE": Country("EUR", "Europe/Berlin", "VAT", 19_000, date(2021, 1, 1)),
    "AT": Country("EUR", "Europe/Vienna", "VAT", 20_000, date(1984, 1, 1)),
    "CH": Country("CHF", "Europe/Zurich", "VAT", 8_100, date(2024, 1, 1)),
    "NL": Country("EUR", "Europe/Amsterdam", "VAT", 21_000, date(2012, 10, 1)),
    "BE": Country("EUR", "Europe/Brussels", "VAT", 21_000, date(1996, 1, 1)),
    "FR": Country("EUR", "Europe/Paris", "VAT", 20_000, date(2014, 1, 1)),
    "ES": Country("EUR", "Europe/Madrid", "VAT", 21_000, date(2012, 9, 1)),
    "PT": Country("EUR", "Europe/Lisbon", "VAT", 23_000, date(2011, 1, 1)),
    "IT": Country("EUR", "Europe/Rome", "VAT", 22_000, date(2013, 10, 1)),
    "GR": Country("EUR", "Europe/Athens", "VAT", 24_000, date(2016, 6, 1)),
    "FI": Country("EUR", "Europe/Helsinki", "VAT", 25_500, date(2024, 9, 1)),
    "US": Country("USD", "America/New_York", "Sales tax", 0, date(2000, 1, 1)),
    "CA": Country("CAD", "America/Toronto", "GST", 5_000, date(2008, 1, 1)),
    "AU": Country("AUD", "Australia/Sydney", "GST", 10_000, date(2000, 7, 1)),
    "NZ": Country("NZD", "Pacific/Auckland", "GST", 15_000, date(2010, 10, 1)),
    "JP": Country("JPY", "Asia/Tokyo", "Consumption tax", 10_000, date(2019, 10, 1)),
    "KW": Country("KWD", "Asia/Kuwait", "VAT", 0, date(2000, 1, 1)),
}
