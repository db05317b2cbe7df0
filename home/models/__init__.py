"""The site around the networks."""

from home.models.organisation import Organisation
from home.models.pages import ContentPage, HomePage, StandardPage, TopicPage

__all__ = ["ContentPage", "HomePage", "Organisation", "StandardPage", "TopicPage"]
