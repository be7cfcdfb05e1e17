from starlette.routing import Route

from app.services import Services


def upload_routes(services: Services) -> list[Route]:
    return []
