// What the widget says, in the languages that it speaks.
const en = {
  open: "Open chat", close: "Close chat", write: "Write a message", send: "Send", you: "You", agent: "Agent",
  typing: "is typing…", seen: "Seen", sending: "Sending…", failed: "Not sent", retry: "Try again", offline: "No connection: trying again…",
  closed: "This chat is not available now.", hello: "Hello! How can we help you?", unread: "new messages", attachment: "Attachment",
  location: "Location", long: "It is too long.", fast: "Too many messages at once: wait a moment.",
};
export type Words = typeof en;
const es: Words = {
  open: "Abrir chat", close: "Cerrar chat", write: "Escriba un mensaje", send: "Enviar", you: "Usted", agent: "Agente",
  typing: "está escribiendo…", seen: "Visto", sending: "Enviando…", failed: "No enviado", retry: "Reintentar", offline: "Sin conexión: reintentando…",
  closed: "Este chat no está disponible ahora.", hello: "¡Hola! ¿En qué podemos ayudarle?", unread: "mensajes nuevos", attachment: "Adjunto",
  location: "Ubicación", long: "Es demasiado largo.", fast: "Demasiados mensajes seguidos: espere un momento.",
};

export type Language = "en" | "es";
export const languageOf = (wanted: string): Language => (wanted.toLowerCase().startsWith("es") ? "es" : "en");
export const wordsIn = (language: Language): Words => (language === "es" ? es : en);
