"""Names and texts of the demo tenant, a plumbing and electrical business of New South Wales. All made up.

Telephone numbers are of the ranges that are kept free for fiction.
"""

USERS = (
    ("U1", "Grace Nguyen", "admin@romashka.example", "Office manager", "Yes"),
    ("U2", "Tom Kelly", "tom.kelly@harbour-trades.example", "Plumber", "Yes"),
    ("U3", "Priya Shah", "anna.petrova@romashka.example", "Electrician", "Yes"),
    ("U4", "Liam O'Brien", "liam.obrien@harbour-trades.example", "Apprentice", "Yes"),
    ("U5", "Sue Marsh", "", "Bookkeeper", "No"),
)
"""(number, name, e-mail, role, active)."""

BUSINESSES = (
    ("Bluegum Strata Management Pty Ltd", "bluegum-strata.example", 5),
    ("Coastline Property Group", "coastline-property.example", 4),
    ("Harbour View Owners Corporation", "harbour-view.example", 0),
    ("Ironbark Constructions Pty Ltd", "ironbark.example", 3),
    ("Lighthouse Cafe", "lighthouse-cafe.example", 0),
    ("Mallee Engineering Ltd", "mallee.example", 2),
    ("Northern Beaches Dental Clinic", "nb-dental.example", 0),
    ("Opal Hotels Australia", "opal-hotels.example", 4),
    ("Pelican Point School", "pelican-point.example", 0),
    ("Quarry Road Church", "quarry-road.example", 0),
    ("Redgum Realty", "redgum-realty.example", 3),
    ("Saltbush Supermarkets Pty Ltd", "saltbush.example", 3),
    ("Tidewater Club", "tidewater-club.example", 0),
    ("Umina Pharmacy", "umina-pharmacy.example", 0),
    ("Valley Medical Services", "valley-medical.example", 2),
    ("Wattle Creek Council", "wattle-creek.example", 2),
    ("Yarra & Sons", "yarra-sons.example", 0),
    ("Zephyr Sails", "zephyr-sails.example", 0),
)
"""(name, host of its e-mail addresses, how many sites it is billed for)."""

PERSONS = (
    *("Ava Thompson", "Noah Williams", "Mia Chen", "Jack Robinson", "Isla Murphy", "Lucas Patel"),
    *("Zoe Papadopoulos", "Ethan Wright", "Chloé Martin", "Oscar Nilsson", "Ruby Campbell", "Harry Singh"),
    *("Ella Kowalski", "Leo Rossi", "Matilda Hughes", "Finn Anderson", "Poppy Scott", "Max Jovanović"),
    *("Ivy Baker", "Archie Young", "John Smith", "John Smith", "Daisy Lee", "Hugo Morales"),
)
"""Private customers; two of them have one name."""

FIRST = ("Alice", "Ben", "Carla", "Dean", "Emma", "Frank", "Gina", "Hank", "Irene", "Jules", "Karen", "Liu")
LAST = ("Abbott", "Bruce", "Cole", "Dunn", "Ellis", "Ford", "Grant", "Hart", "Innes", "Jones", "Knox", "Lane")
STREETS = (
    "Ocean St",
    "Beach Rd",
    "Pittwater Rd",
    "Banksia Ave",
    "Wharf Ln",
    "Station St",
    "Bay Pde",
    "Hill Rd",
)
SUBURBS = (
    ("Manly", "2095"),
    ("Dee Why", "2099"),
    ("Narrabeen", "2101"),
    ("Mona Vale", "2103"),
    ("Avalon", "2107"),
)
WORKS = (
    ("Hot water system replacement", "Old unit leaks at the base; replace with heat pump."),
    ("Blocked drain", "Camera inspection and jetting of the main line."),
    ("Switchboard upgrade", "Ceramic fuses out, RCBOs in."),
    ("Tap and toilet service", "Annual service of all taps and cisterns."),
    ("Emergency lighting test", "Six-monthly discharge test and log book."),
    ("Gas fitting", "New cooktop connection with compliance certificate."),
    ("Roof and gutter repair", "Replace rusted valley and reseal."),
    ("Power points", "Six double GPOs and one weatherproof."),
)
STATUSES = (
    "New",
    "Booked",
    "In Progress",
    "Completed",
    "Closed",
    "Ready To Invoice",
    "Cancelled",
    "Deferred",
)
ROOFS = ("Tile", "Metal", "Slate")
EQUIPMENT = (
    ("Hot water unit", "Rheem", "MPi-325"),
    ("Switchboard", "Clipsal", "4MB12"),
    ("Pump", "Davey", "HS50"),
)
