import os

from flask import Flask, request
from verify import verify

app = Flask(__name__)


RECIPE


app.run(port=int(os.environ["PORT"]))
