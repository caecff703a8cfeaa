"""Adapters to other people's trainers and servers, one library a module, each imported only on request; see `docs/integrations/`."""
