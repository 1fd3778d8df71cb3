"""What the plugin tells of its platform's own fields."""

from crossdock.matching.vocabulary import vocabulary
from crossdock_odoo.destination import OdooDestination


def test_every_meaning_is_a_concept_of_the_vocabulary():
    assert set(OdooDestination.meanings.values()) <= vocabulary().concepts
