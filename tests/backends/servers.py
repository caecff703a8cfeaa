"""Real servers on loopback: one that answers by rule, one that fails by plan, one around a tiny model with random weights."""

import hashlib
import json
import re
import socket
import threading
import time

from benchmarks.loopback import ChatHandler, completion
from empathy_gym.backends.client import Completion

FAULTS = ("slow", "broken", "not_json", "cut", "half", "500", "429", "empty", "no_choice", "fenced_prose")


def said(messages):
    """The lines between the delimiters, parsed."""
    block = messages[-1]["content"].split("<talk>\n", 1)[1].split("\n</talk>", 1)[0]
    return [json.loads(line) for line in block.split("\n")]


def rule(messages):
    """A valid answer that depends on the last reply and on the emotion shown alone."""
    reply = said(messages)[-1]["text"]
    emotion = re.search(r"Your emotion now: ([0-9.]+) of 100", messages[-1]["content"])[1]
    drawn = int(hashlib.sha256(reply.encode()).hexdigest()[:8], 16)
    change = 500 if "amazing" in reply else drawn % 9 - 3
    line = f"Hm. That was at {emotion}, number {drawn % 97}."
    return {"analysis": f"they said {len(reply)} characters", "thoughts": "I wonder", "change": change, "reply": line}


class ByRule(ChatHandler):
    """Answers by :func:`rule`; ``plan`` maps the number of a request to a fault."""

    plan: dict = {}
    seen: list = []
    lock = threading.Lock()
    at_once = 0
    most_at_once = 0
    pause = 0.0

    @classmethod
    def fresh(cls, **changes):
        return type("Handler", (cls,), {"plan": {}, "seen": [], "lock": threading.Lock(), **changes})

    def reply_to(self, asked, messages):
        kind = type(self)
        with self.lock:
            number = len(self.seen)
            self.seen.append((asked, dict(self.headers)))
            kind.at_once += 1
            kind.most_at_once = max(kind.most_at_once, kind.at_once)
        time.sleep(self.pause)
        with self.lock:  # before the answer: a client that has it may ask again at once
            kind.at_once -= 1
        plan = self.plan.get(number)
        self.fail(plan, messages) if plan else self.good(messages)

    def good(self, messages, **changes):
        text = json.dumps({**rule(messages), **changes})
        self.send(200, completion(Completion(text, 100, 10)))

    def fail(self, plan, messages):
        if plan == "slow":
            time.sleep(0.6)
            self.close_connection = True
        elif plan == "broken":
            self.send(200, completion(Completion('{"analysis": "never closed', 100, 10)))
        elif plan == "not_json":
            body = b"<html>Bad gateway</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif plan == "cut":
            self.send(200, completion(Completion(json.dumps(rule(messages))[:30], 100, 10, cut=True)))
        elif plan == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif plan == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            try:
                for _ in range(30):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass
            self.close_connection = True
        elif plan == "500":
            self.send(500, {"error": {"message": "out of memory"}})
        elif plan == "429":
            self.send(429, {"error": {"message": "slow down"}}, Retry_After="0")
        elif plan == "401":
            self.send(401, {"error": {"message": "wrong key"}})
        elif plan == "302":
            self.send(302, {}, Location="http://127.0.0.1:9/elsewhere")
        elif plan == "empty":
            self.send(200, completion(Completion("", 100, 0)))
        elif plan == "no_choice":
            self.send(200, {"choices": []})
        elif plan == "fenced_prose":
            self.send(200, completion(Completion(f"Sure! Here you are: {json.dumps(rule(messages))}", 100, 10)))
        else:
            raise AssertionError(plan)


def tiny_chat_model(folder):
    """A Llama of a few thousand random weights with a tokeniser of characters and a chat template, saved in a folder."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    names = ["<s>", "</s>", "?", *map(chr, range(32, 127))]
    names = list(dict.fromkeys(names))
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="?")
    wrapped.chat_template = "{% for m in messages %}{{ m['role'][:1] }}: {{ m['content'][-40:] }} {% endfor %}a:"
    wrapped.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(names), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
