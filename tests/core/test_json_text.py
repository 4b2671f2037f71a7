from jobhook.core.json_text import compact


def test_json_is_compact_and_keeps_every_character() -> None:
    assert compact({"name": "Straße", "at": [1, None, True]}) == '{"name":"Straße","at":[1,null,true]}'
