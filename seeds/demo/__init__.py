"""The demo district: fictional people and enterprises, the same every time for the same day."""

from seeds.demo.story import seed_demo

__all__ = ["seed_demo"]
