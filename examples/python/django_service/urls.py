"""Where the views are."""

from django.urls import path

from .rest import Orders
from .views import orders

urlpatterns = [path("orders", orders), path("rest/orders", Orders.as_view())]
