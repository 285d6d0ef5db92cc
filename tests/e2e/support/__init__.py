"""What the tests of the page share: a browser, visitors, houses, and jobs that do as they are bidden."""
