"""The pages: people's pages behind a mailed link, the office's pages, and the health check.

Server-rendered; every decision works without JavaScript. GET and HEAD record nothing but the link's use.
"""
