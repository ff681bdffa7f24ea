"""``python -m fastavro`` with the facade."""

from avrojet.compat.fastavro.__main__ import main

main()
