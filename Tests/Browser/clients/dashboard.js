// The dashboard's client as it was published with the API.
window.seen = [];
const eventSource = new EventSource('/api/v2/events/dashboard');
eventSource.onmessage = (event) => {
  const data = JSON.parse(event.data);
  switch (data.type) {
    case 'connection_established':
    case 'conversation_started':
    case 'message_received':
    case 'message_completed':
    case 'conversion_recorded':
    case 'system_update':
      window.seen.push(data);
  }
};
