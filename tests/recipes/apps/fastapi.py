import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import uvicorn
from fastapi import FastAPI, Request, Response
from verify import verify

app = FastAPI()


RECIPE


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
