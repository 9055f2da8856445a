#include "apps/demo/content.hpp"

#include <array>

namespace inboxd::demo {
namespace {

using enum Language;

// clang-format off
const std::vector<Script> all_scripts{
    // Spanish.
    {spanish, "envíos", "Pedido {order} localizado; entrega el {day}.", {"envío"}, "",
     {"<Hola, buenas tardes. Hice el pedido {order} hace una semana y todavía no me llega nada 😕",
      "<En la página dice \"en tránsito\" desde el {day}",
      ">Hola {name}, soy {agent}. Lamento la demora, déjame revisar el rastreo.",
      ">Ya lo localicé: está en el centro de distribución de {city} y sale a reparto el {day}.",
      "<Ok, ¿me pueden avisar cuando salga? En la mañana no hay nadie en casa",
      ">Claro, pedí que lo entreguen por la tarde y te llegará un mensaje con la hora.",
      "<Muchas gracias, muy amable 🙌"}},
    {spanish, "facturación", "Factura reenviada con el RFC correcto.", {"factura"}, "",
     {"<Buenos días, necesito la factura de mi compra {order} por {amount}",
      ">Buenos días, {name}. Con gusto. ¿Me confirma su RFC y el uso de CFDI?",
      "<Es GOMA850312Q81, uso gastos en general",
      "#El sistema rechazó el RFC a la primera; el régimen estaba mal capturado.",
      ">Listo, la acabo de enviar a su correo. Revise también la carpeta de no deseados, por favor.",
      "<Ya me llegó, gracias!"}},
    {spanish, "devoluciones", "Cambio de talla autorizado, guía enviada.", {"devolución", "cambio"}, "medium",
     {"<Hola! compré {product} pero me quedó chica la talla, se puede cambiar?",
      ">¡Hola, {name}! Sí, tienes 30 días. ¿Qué talla necesitas?",
      "<una M por favor, la que pedí fue S",
      ">Tenemos M en existencia. Te mando la guía para que dejes el paquete en cualquier sucursal.",
      "<y el envío de regreso quién lo paga?",
      ">Nosotros, no te cuesta nada. Solo conserva las etiquetas.",
      "<Perfecto 👍"}},
    {spanish, "pagos", "Cargo duplicado confirmado; reembolso en 3 a 5 días.", {"pago", "urgente"}, "high",
     {"<Me cobraron DOS VECES el mismo pedido!!! {order}",
      "<son {amount} y es mi tarjeta de débito, necesito que me lo regresen YA",
      ">{name}, entiendo la molestia y lo reviso en este momento.",
      "#@ ¿puedes ver en la pasarela si el segundo cargo quedó capturado o solo autorizado?",
      ">Confirmo que hubo un cargo duplicado. Ya pedí la devolución, tarda de 3 a 5 días hábiles.",
      "<¿Y cómo sé que sí la pidieron?",
      ">Te comparto el comprobante con el folio de la operación.",
      "<Ok, espero que sea así. Gracias por contestar rápido"}},
    {spanish, "producto", "Duda de compatibilidad resuelta.", {"preventa"}, "",
     {"<Buenas, quería saber si {product} viene con garantía y si la hacen válida en {city}",
      ">¡Buenas! Sí, dos años, y en {city} tenemos centro de servicio.",
      "<genial, y si lo pido hoy cuándo llega?",
      ">Si lo pides antes de las 2 pm, te llega el {day}.",
      "<ya lo pedí, gracias por la info 😊"}},
    {spanish, "garantía", "Equipo recibido en taller, diagnóstico en 48 h.", {"garantía"}, "medium",
     {"<Hola, les escribo porque {product} que compré dejó de funcionar a los dos meses",
      "<ya probé con otro cable y nada",
      ">Hola {name}, qué pena. ¿Me puedes mandar una foto de la etiqueta con el número de serie?",
      "<Claro, el número es SN-48821-B",
      ">Gracias. Está en garantía: te envío una guía para que lo mandes al taller sin costo.",
      "<Cuánto tardan en repararlo? lo uso para trabajar",
      ">El diagnóstico queda en 48 horas y, si no tiene arreglo, te mandamos uno nuevo."}},
    {spanish, "cuenta", "Acceso restablecido.", {"cuenta"}, "",
     {"<no puedo entrar a mi cuenta, me dice que la contraseña es incorrecta y ya la cambié 2 veces",
      ">Hola {name}. ¿El correo con el que entras es el mismo con el que compras?",
      "<mmm creo que sí, bueno tengo dos correos",
      ">La cuenta está con el otro. Te acabo de mandar un enlace para entrar.",
      "<jajaja era eso, ya pude. Gracias!"}},
    {spanish, "quejas", "Queja registrada; cupón de cortesía.", {"queja"}, "high",
     {"<El repartidor dejó mi paquete con un vecino que ni conozco y venía abierto",
      "<muy mal servicio la verdad, no es la primera vez",
      ">{name}, una disculpa. ¿Falta algo del contenido?",
      "<No, está completo, pero no es la manera",
      "#Tercera queja de la misma ruta este mes; avisar a operaciones. @Carmen Solís",
      ">Tiene razón. Levanté la queja con la paquetería y le dejé un cupón del 15 % en su cuenta.",
      "<Se agradece el detalle"}},
    {spanish, "ventas", "Cotización de mayoreo enviada.", {"mayoreo", "vip"}, "high",
     {"<Buenas tardes, somos una empresa de {city} y queremos cotizar 40 piezas de {product}",
      ">Buenas tardes, {name}. A partir de 25 piezas hay precio de mayoreo. ¿Necesitan factura y entrega en un solo domicilio?",
      "<Sí a las dos. También si pueden llevar nuestro logotipo",
      ">Le preparo la cotización con y sin logotipo y se la envío hoy mismo.",
      "<Quedo al pendiente, saludos"}},
    {spanish, "citas", "Cita reagendada.", {"cita"}, "",
     {"<Hola quisiera mover mi cita de instalación, el {day} no puedo",
      ">Hola {name}, claro. Tengo lugar el viernes a las 10 o a las 4.",
      "<a las 4 está perfecto",
      ">Queda agendada el viernes a las 4 pm. El técnico llama media hora antes.",
      "<va, mil gracias"}},
    {spanish, "envíos", "Dirección corregida antes del envío.", {"envío"}, "",
     {"<Perdón, puse mal la dirección en el pedido {order}, se puede corregir??",
      "<es en la colonia Roma, calle Durango 218, no 281",
      ">Sí alcanzamos, todavía no sale del almacén. Ya quedó con el 218.",
      "<uff gracias, me salvaste"}},
    {spanish, "producto", "Avisar cuando haya existencias.", {"preventa"}, "low",
     {"<Hola, ¿cuándo vuelven a tener {product} en negro?",
      ">Hola, {name}. Esperamos resurtido para el {day}. ¿Quieres que te avisemos?",
      "<Sí por favor, por aquí mismo"}},
    // English.
    {english, "shipping", "Parcel {order} found; arrives {day}.", {"shipping"}, "",
     {"<Hi, my order {order} was supposed to arrive yesterday and the tracking hasn't moved since {day}.",
      ">Hi {name}, {agent} here. Sorry about that, let me check with the carrier.",
      ">It was held at the {city} depot because of a damaged label. They relabelled it; it's out for delivery on {day}.",
      "<OK, can they leave it with the concierge?",
      ">Done, I added the note for the driver.",
      "<Great, thanks for the quick help!"}},
    {english, "returns", "Return label sent; refund on receipt.", {"return"}, "",
     {"<Hello, I'd like to return {product}. It's nice but not what I expected.",
      ">Hi {name}, no problem at all. Is it still in the original packaging?",
      "<I opened the box but haven't used it",
      ">That's fine. I've emailed you a prepaid label; the refund of {amount} goes out once we have it.",
      "<How long does the refund take?",
      ">Usually three working days after it arrives.",
      "<Perfect, thank you"}},
    {english, "billing", "Double charge refunded.", {"payment", "urgent"}, "urgent",
     {"<I've been charged twice for the same order. {amount} each. Please fix this today.",
      ">I'm sorry, {name}. I can see both charges and I'm on it.",
      "#Second charge came from a retry after a timeout. @ can you void it before settlement?",
      ">The second charge was voided before it settled, so it will drop off your statement in a day or two.",
      "<And if it doesn't?",
      ">Then write here and I'll send you the bank reference. I'm keeping this open until {day}.",
      "<ok. thanks"}},
    {english, "account", "Two-factor reset after identity check.", {"account"}, "medium",
     {"<lost my phone and now I can't log in because of the code thing",
      ">Hi {name}, that's annoying. I can reset it after two quick questions. What was your last order about?",
      "<it was {product}, beginning of the month, shipped to {city}",
      ">That matches, thank you. Two-factor is off now; please set it up again once you have your new phone.",
      "<you're a lifesaver 🙏"}},
    {english, "product", "Explained differences between models.", {"presales"}, "",
     {"<Quick question: what's the difference between {product} and the Pro version?",
      ">Hi! The Pro has the bigger battery and comes with the case. Otherwise they're the same.",
      "<So for commuting the normal one is enough?",
      ">I'd say so. It does about 40 km on a charge.",
      "<Cool, ordering it now"}},
    {english, "warranty", "Replacement shipped.", {"warranty"}, "high",
     {"<I bought {product} five weeks ago and now there's a grinding noise. Is that covered?",
      ">Hi {name}, it is. Could you send a short video so that the workshop hears it?",
      "<Just emailed it",
      "#Workshop says bearing, known batch. Replace without return.",
      ">Thank you. It's a known fault of one batch: a replacement leaves {city} tomorrow, and you may keep the old one for parts.",
      "<Wow, didn't expect that. Thanks a lot!"}},
    {english, "sales", "Quote for 60 units sent.", {"wholesale", "vip"}, "high",
     {"<Hi there, we run three shops around {city} and would like to stock {product}. Who do I talk to?",
      ">Hello {name}, that's me. How many units are you thinking of for the first order?",
      "<About 60, split over the three shops",
      ">I'll send you a quote with the reseller discount before the end of the day.",
      "<Looking forward to it."}},
    {english, "complaints", "Apologised; voucher issued; courier informed.", {"complaint"}, "high",
     {"<Third time the courier marks \"nobody home\" when I was sitting right here.",
      "<Honestly thinking about cancelling.",
      ">I understand, {name}, and I'm sorry. I've moved your parcel to another carrier; it comes on {day} between 9 and 12.",
      "<Fine. But please pass this on.",
      ">Already did, with the three dates. I also put a voucher on your account.",
      "<Appreciate it."}},
    {english, "shipping", "Address changed in time.", {"shipping"}, "",
     {"<Hey, just noticed I typed the wrong postcode on {order}",
      "<should be 2041, not 2014",
      ">Caught it in time, {name}: it's corrected and ships tonight.",
      "<phew, thanks"}},
    {english, "appointments", "Fitting moved to Friday.", {"appointment"}, "",
     {"<Could I move my fitting on {day}? Something came up.",
      ">Of course. Friday at 9:30 or at 15:00?",
      "<15:00 please",
      ">Booked for Friday at 15:00. You'll get a reminder the evening before."}},
    {english, "product", "Wants a restock alert.", {"presales"}, "low",
     {"<When will {product} be back in blue?",
      ">Hi {name}, we expect some around {day}. Shall I ping you here when they arrive?",
      "<Yes please!"}},
};
// clang-format on

constexpr std::array<std::string_view, 40> spanish_first{
    "María",   "José",     "Guadalupe", "Juan",   "Rosa",    "Miguel", "Elena",    "Carlos",
    "Valeria", "Fernando", "Sofía",     "Jorge",  "Daniela", "Raúl",   "Patricia", "Andrés",
    "Camila",  "Héctor",   "Lucía",     "Óscar",  "Ximena",  "Rubén",  "Paola",    "Iván",
    "Teresa",  "Gabriel",  "Mónica",    "Diego",  "Adriana", "Emilio", "Renata",   "Tomás",
    "Inés",    "Nicolás",  "Beatriz",   "Álvaro", "Julieta", "Martín", "Carmen",   "Esteban"};
constexpr std::array<std::string_view, 32> spanish_last{
    "Hernández", "García",  "Martínez",  "López",      "Ramírez", "Torres",  "Núñez",   "Castillo",
    "Mendoza",   "Ortega",  "Salazar",   "Vargas",     "Rojas",   "Cruz",    "Medina",  "Peña",
    "Ibáñez",    "Fuentes", "Cervantes", "Montes",     "Aguilar", "Delgado", "Paredes", "Quintero",
    "Espinoza",  "Bravo",   "Lozano",    "Villalobos", "Santana", "Correa",  "Acosta",  "Muñoz"};
constexpr std::array<std::string_view, 10> spanish_cities{
    "Guadalajara", "Monterrey", "Puebla",   "Mérida",   "Querétaro",
    "Bogotá",      "Medellín",  "Santiago", "Zaragoza", "Valencia"};
constexpr std::array<std::string_view, 10> spanish_products{
    "la chamarra Sierra", "los tenis Brisa",     "la mochila Andén",  "el patinete S2",
    "la cafetera Alba",   "el reloj Pulso",      "la bicicleta Ruta", "los audífonos Eco",
    "la lámpara Nido",    "el maletín de cabina"};
constexpr std::array<std::string_view, 6> spanish_days{"lunes",  "martes",  "miércoles",
                                                       "jueves", "viernes", "sábado"};
constexpr std::array<std::string_view, 8> spanish_endings{"Muchas gracias, quedo al pendiente",
                                                          "Ok, perfecto 👍",
                                                          "Va, gracias por la ayuda",
                                                          "Excelente, muy amable",
                                                          "Entendido, gracias",
                                                          "Súper, eso era todo",
                                                          "Gracias! buen día ☀️",
                                                          "Listo, muchas gracias"};
constexpr std::array<std::string_view, 6> spanish_reminders{"¿Hola? ¿Sigue ahí alguien?",
                                                            "Disculpe, ¿ya pudo revisar lo mío?",
                                                            "??",
                                                            "Sigo esperando respuesta, gracias",
                                                            "Buenas, ¿alguna novedad?",
                                                            "Por favor necesito una respuesta hoy"};
constexpr std::array<std::string_view, 6> spanish_reopenings{
    "Hola otra vez, me surgió otra duda",
    "Perdón que moleste de nuevo, al final no me llegó el correo",
    "Buenas! quería hacer otro pedido, me ayudan?",
    "Oye, una pregunta más: ¿aceptan pago en efectivo?",
    "Hola, ¿tienen tienda física en {city}?",
    "Hola, me encantó {product}. ¿Tienen más colores?"};

constexpr std::array<std::string_view, 40> english_first{
    "Olivia",  "James",  "Amara",   "Noah",    "Grace",  "Ethan",  "Priya",   "Liam",
    "Hannah",  "Marcus", "Chloe",   "Owen",    "Fatima", "Daniel", "Ruby",    "Samuel",
    "Isla",    "Caleb",  "Zoe",     "Arjun",   "Leah",   "Henry",  "Naomi",   "Peter",
    "Bridget", "Kofi",   "Alice",   "Tyler",   "Megan",  "Victor", "Joanna",  "Simon",
    "Imani",   "Felix",  "Heather", "Desmond", "Claire", "Ravi",   "Theresa", "Jonah"};
constexpr std::array<std::string_view, 32> english_last{
    "Walker", "Thompson", "Osei",    "Bennett", "Patel",   "Murphy",  "Carter",  "Nguyen",
    "Reid",   "Foster",   "Adeyemi", "Hughes",  "Sharma",  "Collins", "Brooks",  "Kim",
    "Ward",   "Sullivan", "Grant",   "Fisher",  "O'Brien", "Marsh",   "Lambert", "Price",
    "Doyle",  "Kaur",     "Bishop",  "Stone",   "Hale",    "Mensah",  "Frost",   "Whitaker"};
constexpr std::array<std::string_view, 10> english_cities{
    "Leeds",  "Bristol",  "Austin",  "Portland", "Dublin",
    "Boston", "Auckland", "Toronto", "Cardiff",  "Denver"};
constexpr std::array<std::string_view, 10> english_products{
    "the Ridge jacket",      "the Breeze trainers", "the Platform backpack", "the S2 scooter",
    "the Alba coffee maker", "the Pulse watch",     "the Route bike",        "the Echo earbuds",
    "the Nest lamp",         "the cabin case"};
constexpr std::array<std::string_view, 6> english_days{"Monday",   "Tuesday", "Wednesday",
                                                       "Thursday", "Friday",  "Saturday"};
constexpr std::array<std::string_view, 8> english_endings{
    "Great, thank you!", "Perfect, that's all I needed", "Ok thanks, will do", "Brilliant 👍",
    "Got it, cheers",    "Thanks a lot for your help",   "Sounds good!",       "Lovely, thank you"};
constexpr std::array<std::string_view, 6> english_reminders{
    "Hello? Anyone there?",
    "Any news on this?",
    "Still waiting…",
    "Just checking in on my last message",
    "??",
    "Could someone get back to me today please"};
constexpr std::array<std::string_view, 6> english_reopenings{
    "Hi again, one more question",
    "Sorry to bother you again, the email never arrived",
    "Hi! I'd like to place another order, can you help?",
    "One more thing: do you ship to Ireland?",
    "Hello, do you have a store in {city}?",
    "Really happy with {product}. Do you have it in other colours?"};

}  // namespace

std::span<const Script> scripts() {
  return all_scripts;
}

const Names& names(Language language) {
  static const Names in_spanish{spanish_first,     spanish_last,      spanish_cities,
                                spanish_products,  spanish_days,      spanish_endings,
                                spanish_reminders, spanish_reopenings};
  static const Names in_english{english_first,     english_last,      english_cities,
                                english_products,  english_days,      english_endings,
                                english_reminders, english_reopenings};
  return language == spanish ? in_spanish : in_english;
}

}  // namespace inboxd::demo
