"""Real servers on 127.0.0.1 that stand for web sites, providers, proxies and databases."""
