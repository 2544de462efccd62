// The chat client as it was published with the API: it takes each network chunk for whole lines.
async function chat(url, token, body) {
  const seen = { events: [], text: '', runId: null };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Authorization': `Bearer ${token}` },
    body: JSON.stringify(body)
  });
  seen.runId = response.headers.get('X-Run-Id');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = decoder.decode(value).split('\n');
    for (const line of lines) {
      if (line.startsWith('data: ')) {
        const data = JSON.parse(line.slice(6));
        switch (data.event) {
          case 'progress': seen.events.push('progress'); break;
          case 'source': seen.events.push('source'); break;
          case 'answer': seen.events.push('answer'); seen.text += data.data; break;
          case 'metadata': seen.events.push('metadata'); break;
          case 'done': seen.events.push('done'); break;
          case 'error': throw new Error(data.data.message);
        }
      }
    }
  }
  return seen;
}
