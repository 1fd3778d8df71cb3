"""crossdock moves a company's CRM from one platform to another and proves that it arrived."""
