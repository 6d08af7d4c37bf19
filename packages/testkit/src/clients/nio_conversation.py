"""Two users with matrix-nio: they register, talk in an encrypted room both ways, page back, and log out.

Usage: nio_conversation.py BASE_URL RUN. Prints what they saw as JSON on the last line.
"""

import asyncio
import json
import sys
import tempfile

from nio import (
    AsyncClient,
    AsyncClientConfig,
    JoinResponse,
    LoginResponse,
    LogoutResponse,
    MegolmEvent,
    MessageDirection,
    RegisterResponse,
    RoomCreateResponse,
    RoomMessagesResponse,
    RoomMessageText,
    RoomPreset,
    RoomSendResponse,
    RoomTypingResponse,
    SyncResponse,
    UpdateReceiptMarkerResponse,
)


def checked(response, kind):
    """nio answers with an error object where an answer doesn't fit its own schema."""
    if not isinstance(response, kind):
        raise SystemExit(f"expected {kind.__name__}, got {response!r}")
    return response


class Person:
    def __init__(self, base_url, localpart, store):
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.password = f"a password of {localpart}"
        self.localpart = localpart
        self.client = AsyncClient(base_url, localpart, store_path=store, config=config)
        self.read = []
        self.client.add_event_callback(self.on_text, RoomMessageText)

    async def on_text(self, _room, event):
        self.read.append({"body": event.body, "sender": event.sender, "decrypted": event.decrypted})

    async def enter(self):
        checked(await self.client.register(self.localpart, self.password), RegisterResponse)
        checked(await self.client.logout(), LogoutResponse)
        checked(await self.client.login(self.password, device_name="nio"), LoginResponse)
        await self.sync(0)

    async def sync(self, timeout=10_000):
        """One sync with the work that it asks for: key uploads, queries and claims, to-device messages."""
        checked(await self.client.sync(timeout), SyncResponse)
        await self.client.send_to_device_messages()
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())

    async def until(self, condition):
        for _ in range(60):
            if condition():
                return
            await self.sync(5_000)
        raise SystemExit(f"{self.localpart}: what the test waits for didn't come")

    async def say(self, room_id, text):
        content = {"msgtype": "m.text", "body": text}
        answer = await self.client.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True)
        return checked(answer, RoomSendResponse).event_id


async def talk(base_url, run):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        alice = Person(base_url, f"alice-{run}", one)
        bob = Person(base_url, f"bob-{run}", other)
        try:
            await alice.enter()
            await bob.enter()
            encryption = {
                "type": "m.room.encryption",
                "state_key": "",
                "content": {"algorithm": "m.megolm.v1.aes-sha2"},
            }
            room = await alice.client.room_create(
                name="nio", preset=RoomPreset.private_chat, invite=[bob.client.user_id], initial_state=[encryption]
            )
            room_id = checked(room, RoomCreateResponse).room_id
            await bob.until(lambda: room_id in bob.client.invited_rooms)
            checked(await bob.client.join(room_id), JoinResponse)
            for person in (alice, bob):
                await person.until(
                    lambda: room_id in person.client.rooms
                    and person.client.rooms[room_id].encrypted
                    and len(person.client.rooms[room_id].users) == 2
                )
            hello = await alice.say(room_id, "Hello Bob")
            await bob.until(lambda: any(one["body"] == "Hello Bob" for one in bob.read))
            await bob.say(room_id, "Hello Alice")
            await alice.until(lambda: any(one["body"] == "Hello Alice" for one in alice.read))
            checked(await bob.client.room_typing(room_id, True), RoomTypingResponse)
            checked(await bob.client.update_receipt_marker(room_id, hello), UpdateReceiptMarkerResponse)
            await bob.sync(0)
            page = await bob.client.room_messages(
                room_id, start=bob.client.next_batch, direction=MessageDirection.back, limit=50
            )
            chunk = checked(page, RoomMessagesResponse).chunk
            return {
                "bobRead": bob.read,
                "aliceRead": alice.read,
                "pagedBack": sum(isinstance(event, (MegolmEvent, RoomMessageText)) for event in chunk),
            }
        finally:
            await alice.client.close()
            await bob.client.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(sys.argv[1], sys.argv[2]))))
