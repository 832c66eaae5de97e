//! What mail programs write around a quote, language by language: the words before and after it, not the judgement.
//!
//! One table, in the words of the programs' own translations (Gmail, Outlook, Apple Mail, Thunderbird, K-9, Roundcube,
//! Horde, SnappyMail, Proton Mail). It knows nothing of lines or of spans: who reads it are `attribution`, `forwarded`
//! and `signature`. A new language is a new entry.

/// The words of one language. Each field holds phrases in lower case, separated by `|`.
#[derive(Clone, Copy)]
pub struct Tongue {
    /// What an attribution begins with: `On`.
    pub opens: &'static str,
    /// The verbs: `wrote`.
    pub verbs: &'static str,
    /// Verbs of speech, which people also write of what was said aloud: with a date or an address they introduce a
    /// marked quote, and nothing else.
    pub speech: &'static str,
    /// Whether the name may follow the verb without a date between them: `Am … schrieb Ada:`.
    pub name_last: bool,
    /// What introduces a quote without a verb: `Quoting Ada:`.
    pub quoting: &'static str,
    /// The labels of the header lines above a quoted mail.
    pub from: &'static str,
    pub date: &'static str,
    pub to: &'static str,
    pub subject: &'static str,
    pub copy: &'static str,
    /// Between dashes above a mail that is answered.
    pub original: &'static str,
    /// Between dashes above a mail that is passed on; the phrases that begin it stand without dashes, too.
    pub forwarded: &'static str,
    /// How telephones sign: the beginning of the line, or its end when marked with `…`.
    pub device: &'static str,
    /// Ticket systems ask that answers be written above such a line.
    pub above: &'static str,
}

/// A language that adds nothing to a field leaves it out.
const NOTHING: Tongue = Tongue {
    opens: "",
    verbs: "",
    speech: "",
    name_last: false,
    quoting: "",
    from: "",
    date: "",
    to: "",
    subject: "",
    copy: "",
    original: "",
    forwarded: "",
    device: "",
    above: "",
};

pub const TONGUES: [Tongue; 41] = [
    ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, SWEDISH, DANISH, NORWEGIAN, FINNISH, POLISH, CZECH,
    SLOVAK, RUSSIAN, UKRAINIAN, BELARUSIAN, BULGARIAN, SERBIAN, CROATIAN, SLOVENE, GREEK, TURKISH, HUNGARIAN, ROMANIAN,
    CATALAN, GALICIAN, BASQUE, ESTONIAN, LATVIAN, LITHUANIAN, ICELANDIC, INDONESIAN, VIETNAMESE, THAI, HEBREW, ARABIC,
    PERSIAN, CHINESE, JAPANESE, KOREAN,
];

const ENGLISH: Tongue = Tongue {
    opens: "on|at|in message|in article",
    verbs: "wrote|writes|has written|sent|typed",
    speech: "said|says|spake",
    quoting: "quoting|begin quote from|begin quoting|excerpts from",
    from: "from",
    date: "sent|date|sent at|sent on",
    to: "to",
    subject: "subject",
    copy: "cc|bcc|reply-to|organization|importance",
    original: "original message|reply message|original email|original mail|original appointment",
    forwarded: "forwarded message|forwarded mail|forwarded by|begin forwarded message|forwarded letter|fwd|message from",
    device: "sent from my|sent from a|sent from the|sent from|sent via|sent with|sent using|typed on my|written on my\
        |composed on my|get bluemail for",
    above: "reply above this line|your reply above this line|respond above this line|write above this line\
        |answer above this line|reply above the line|replies below this line|write below this line",
    ..NOTHING
};

const GERMAN: Tongue = Tongue {
    opens: "am|um|auf",
    verbs: "schrieb|schrieben|schreibt|geschrieben|hat geschrieben",
    speech: "sagte|sprach",
    name_last: true,
    quoting: "zitat von|zitiere",
    from: "von|absender",
    date: "gesendet|datum|gesendet am|versendet",
    to: "an|empfänger",
    subject: "betreff|betr.",
    copy: "kopie|kopie (cc)|antwort an|wichtigkeit",
    original: "ursprüngliche nachricht|originalnachricht|original-nachricht|urspr. nachricht|original nachricht\
        |antwort nachricht|ursprüngliche mail",
    forwarded: "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|weitergeleitet von\
        |weitergeleitete e-mail",
    device: "gesendet von|gesendet mit|gesendet über|gesendet via|gesendet vom|…gesendet|…verschickt|…versendet",
    above: "antwort oberhalb dieser zeile|antworten sie oberhalb dieser|antwort über dieser zeile\
        |antwort oberhalb dieser linie|antworten sie über dieser",
};

const FRENCH: Tongue = Tongue {
    opens: "le|en date de|en date du",
    verbs: "a écrit|a ecrit|écrit|écrivit|écrivait|avez écrit",
    quoting: "citation de|selon|quoting",
    from: "de|expéditeur",
    date: "envoyé|date|envoyé le|message du|date d'envoi",
    to: "à|a|destinataire|pour",
    subject: "objet|sujet",
    copy: "copie|copie à|importance",
    original: "message d'origine|message d’origine|message original|courriel original|courriel initial\
        |message initial|mail original|e-mail d'origine",
    forwarded: "message transféré|message transmis|début du message réexpédié|début du message transféré\
        |message réexpédié|courriel transféré|transféré par",
    device: "envoyé de mon|envoyé de ma|envoyé depuis|envoyé à partir|envoyé avec|envoyé via",
    above: "réponse au-dessus de cette ligne|répondre au-dessus de cette ligne|répondez au-dessus de cette ligne",
    ..NOTHING
};

const SPANISH: Tongue = Tongue {
    opens: "el|con fecha|en fecha",
    verbs: "escribió|escribio|escribe|ha escrito|escribía",
    quoting: "citando a|cita de|mensaje citado por",
    from: "de|remitente|desde",
    date: "enviado|enviado el|fecha|enviado a las|fecha de envío",
    to: "para|a|destinatario",
    subject: "asunto|tema",
    copy: "copia|cco|importancia",
    original: "mensaje original|correo original|mensaje de origen",
    forwarded: "mensaje reenviado|inicio del mensaje reenviado|mensaje enviado|reenviado por|mensaje reenviado por",
    device: "enviado desde|enviado con|enviado mediante|enviado por|enviado a través",
    above: "respuesta por encima de esta línea|responda por encima de esta línea|respuesta encima de esta línea\
        |responder por encima de esta línea|respuesta sobre esta línea",
    ..NOTHING
};

const PORTUGUESE: Tongue = Tongue {
    opens: "em|a|no dia|às|na data",
    verbs: "escreveu|escreve|escreveram",
    quoting: "citando|citação de",
    from: "de|remetente",
    date: "enviado|enviada|enviado em|enviada em|data|data de envio",
    to: "para|destinatário",
    subject: "assunto",
    copy: "cópia|com cópia|prioridade",
    original: "mensagem original|mensagem de origem",
    forwarded: "mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada\
        |início da mensagem reencaminhada|encaminhado por",
    device: "enviado do meu|enviado da minha|enviado a partir d|enviado pelo|enviado via|enviado através\
        |enviado de meu|enviado do",
    above: "resposta acima desta linha|responda acima desta linha|responder acima desta linha",
    ..NOTHING
};

const ITALIAN: Tongue = Tongue {
    opens: "il|in data|alle|nel giorno",
    verbs: "ha scritto|scritto|scrive|ha inviato|scriveva",
    quoting: "citando|citazione di|quotando",
    from: "da|mittente",
    date: "inviato|inviata|data|inviato il|data invio",
    to: "a|per|destinatario",
    subject: "oggetto",
    copy: "copia|priorità",
    original: "messaggio originale|messaggio originario|messaggio d'origine",
    forwarded: "messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|inoltrato da",
    device: "inviato da|inviato dal|inviato con|inviato tramite",
    above: "risposta al di sopra di questa riga|rispondere sopra questa riga|risposta sopra questa linea\
        |rispondi sopra questa linea",
    ..NOTHING
};

const DUTCH: Tongue = Tongue {
    opens: "op|in een bericht",
    verbs: "schreef|geschreven|schrijft|schreven|heeft geschreven",
    name_last: true,
    quoting: "citeren|quoten",
    from: "van|afzender",
    date: "verzonden|datum|verstuurd|verzonden op",
    to: "aan|ontvanger",
    subject: "onderwerp|betreft",
    copy: "kopie|urgentie",
    original: "oorspronkelijk bericht|origineel bericht|oorspronkelijke bericht|orgineel bericht\
        |oorspronkelijke e-mail",
    forwarded: "doorgestuurd bericht|begin doorgestuurd bericht|doorgestuurd door|doorgezonden bericht",
    device: "verstuurd vanaf|verzonden vanaf|verzonden vanuit|verstuurd met|verzonden met|verstuurd vanuit\
        |verzonden via|verstuurd via",
    above: "antwoord boven deze regel|reageer boven deze lijn|antwoord boven deze lijn|reactie boven deze regel",
    ..NOTHING
};

const SWEDISH: Tongue = Tongue {
    opens: "den|på|mån|tis|ons|tors|fre|lör|sön",
    verbs: "skrev|skriver|har skrivit",
    name_last: true,
    quoting: "citerar|citat från",
    from: "från|avsändare",
    date: "skickat|datum|skickades",
    to: "till|mottagare",
    subject: "ämne|ärende",
    copy: "kopia|prioritet",
    original: "ursprungligt meddelande|originalmeddelande|ursprungligt brev",
    forwarded: "vidarebefordrat meddelande|vidarebefordrat brev|börja vidarebefordrat meddelande\
        |vidarebefordrat mejl|vidarebefordrat|vidarebefordrat av",
    device: "skickat från|skickades från|skickat med|skickat via",
    above: "svar ovanför den här raden|svara ovanför denna rad|svar ovanför denna rad",
    ..NOTHING
};

const DANISH: Tongue = Tongue {
    opens: "den|d.|på",
    verbs: "skrev|skriver",
    name_last: true,
    quoting: "citat af|citat",
    from: "fra|afsender",
    date: "sendt|dato|sendt den",
    to: "til|modtager",
    subject: "emne",
    copy: "kopi|prioritet",
    original: "oprindelig meddelelse|original besked|oprindelig besked|original meddelelse|oprindelig mail",
    forwarded: "videresendt meddelelse|videresendt besked|start på videresendt besked|videresendt af\
        |videresendt mail|begyndelse på videresendt besked",
    device: "sendt fra|sendt med|sendt via",
    above: "svar over denne linje|svar ovenfor denne linje|svar over linjen",
    ..NOTHING
};

const NORWEGIAN: Tongue = Tongue {
    opens: "på|den|man.|tir.|ons.|tor.|fre.|lør.|søn.",
    verbs: "skrev|skriver|skreiv",
    name_last: true,
    quoting: "siterer|sitat fra",
    from: "fra|frå|avsender",
    date: "sendt|dato",
    to: "til|mottaker",
    subject: "emne",
    copy: "kopi|kopi til",
    original: "opprinnelig melding|original melding|opphavleg melding|opprinnelig e-post",
    forwarded: "videresendt melding|vidaresendt melding|start på videresendt melding|videresendt e-post",
    device: "sendt fra|sendt med|sendt via",
    above: "svar over denne linjen|svaret over denne linjen",
    ..NOTHING
};

const FINNISH: Tongue = Tongue {
    opens: "ma|ti|ke|to|pe|la|su",
    verbs: "kirjoitti|kirjoittaa|kirjoittivat",
    name_last: true,
    quoting: "lainaus|lainaa",
    from: "lähettäjä",
    date: "lähetetty|päivämäärä|päiväys|pvm",
    to: "vastaanottaja",
    subject: "aihe",
    copy: "kopio",
    original: "alkuperäinen viesti|alkuperäinen viesti / orig.msg.|alkup. viesti",
    forwarded: "edelleenlähetetty viesti|välitetty viesti|välitetty viesti alkaa|lähetetty edelleen",
    device: "lähetetty|…lähetetty",
    above: "vastaus tämän rivin yläpuolelle|vastaa tämän rivin yläpuolelle",
    ..NOTHING
};

const POLISH: Tongue = Tongue {
    opens: "w dniu|dnia|użytkownik|dn.|wiadomość napisana przez",
    verbs: "wiadomość napisana przez|napisał|napisała|napisał(a)|napisał/a|pisze|napisał/-a/|napisali",
    name_last: true,
    quoting: "cytowanie|cytat",
    from: "od|nadawca",
    date: "wysłano|wysłane|data|data wysłania",
    to: "do|adresat",
    subject: "temat",
    copy: "dw|kopia|do wiadomości|udw",
    original: "oryginalna wiadomość|wiadomość oryginalna|treść oryginalnej wiadomości|pierwotna wiadomość\
        |oryginalny list",
    forwarded: "przekazana wiadomość|wiadomość przekazana|wiadomość przesłana dalej|przesłana wiadomość\
        |początek przekazywanej wiadomości|treść przekazanej wiadomości|przesłano dalej",
    device: "wysłane z|wysłano z|wysłane przez|wysłano przez|wiadomość wysłana z|wysyłane z",
    above: "odpowiedź powyżej tej linii|odpowiedź powyżej tego wiersza|odpowiedz powyżej tej linii",
    ..NOTHING
};

const CZECH: Tongue = Tongue {
    opens: "dne|v|ve|dňa",
    verbs: "napsal|napsala|napsal(a)|napsali|píše",
    name_last: true,
    quoting: "cituji",
    from: "od|odesílatel",
    date: "odesláno|datum|posláno",
    to: "komu|adresát|pro",
    subject: "předmět|věc",
    copy: "kopie|kopie komu",
    original: "původní zpráva|původní e-mail|původní email",
    forwarded: "přeposlaná zpráva|předávaná zpráva|začátek přeposlané zprávy|začátek přeposílané zprávy\
        |přeposlaný e-mail",
    device: "odesláno z|odesláno ze|posláno z|posláno ze|zasláno z|odesláno pomocí|odesláno přes",
    above: "odpověď nad tento řádek|odpověď nad tuto čáru|odpovídejte nad tento řádek",
    ..NOTHING
};

const SLOVAK: Tongue = Tongue {
    opens: "dňa|v|vo|používateľ",
    verbs: "napísal|napísala|napísal(a)|píše|napísal/a",
    name_last: true,
    quoting: "citát",
    from: "od|odosielateľ",
    date: "odoslané|dátum",
    to: "komu|príjemca|pre",
    subject: "predmet",
    copy: "kópia",
    original: "pôvodná správa|pôvodná správa --- original message",
    forwarded: "preposlaná správa|začiatok preposlanej správy",
    device: "odoslané z|odoslané zo|poslané z|poslané zo",
    above: "odpoveď nad tento riadok",
    ..NOTHING
};

const RUSSIAN: Tongue = Tongue {
    opens: "в|от|вы писали",
    verbs: "написал|написала|написал(а)|пишет|писал|писала|писал(а)|написали|вы писали",
    name_last: true,
    quoting: "цитирую|цитата от",
    from: "от|от кого|отправитель",
    date: "отправлено|дата|послано|отправлен",
    to: "кому|получатель",
    subject: "тема",
    copy: "копия|важность|ответить",
    original: "исходное сообщение|оригинальное сообщение|исходное письмо|первоначальное сообщение",
    forwarded: "пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения\
        |перенаправленное сообщение|начало пересылаемого сообщения|пересланное письмо|конец пересылаемого сообщения",
    device: "отправлено с|отправлено из|отправлено через|отправлено от|отправлено со|послано с",
    above: "ответ над этой строкой|ответ выше этой строки|отвечайте выше этой линии|ответ выше этой линии",
    ..NOTHING
};

const UKRAINIAN: Tongue = Tongue {
    opens: "у|о|в",
    verbs: "написав|написала|пише|написав(ла)|написав/ла|писав",
    name_last: true,
    quoting: "цитую",
    from: "від|від кого|відправник",
    date: "надіслано|дата|відправлено",
    to: "кому|одержувач",
    subject: "тема",
    copy: "копія",
    original: "оригінальне повідомлення|вихідне повідомлення|початкове повідомлення|початковий лист",
    forwarded: "переслане повідомлення|перенаправлене повідомлення|початок переадресованого повідомлення\
        |переслане письмо|початок пересланого повідомлення",
    device: "надіслано з|надіслано через|відправлено з|надіслано за допомогою",
    above: "відповідь над цим рядком|відповідь вище цього рядка",
    ..NOTHING
};

const BELARUSIAN: Tongue = Tongue {
    verbs: "напісаў|напісала|піша",
    from: "ад|адпраўнік",
    date: "адпраўлена|дата",
    to: "каму",
    subject: "тэма",
    copy: "копія",
    original: "зыходны ліст|арыгінальнае паведамленне|зыходнае паведамленне",
    forwarded: "перасланае паведамленне",
    device: "адпраўлена з",
    ..NOTHING
};

const BULGARIAN: Tongue = Tongue {
    opens: "на|в",
    verbs: "написа|пише|написал",
    name_last: true,
    from: "от|подател",
    date: "изпратено|дата|изпратен|изпрати до",
    to: "до|получател",
    subject: "тема|относно|заглавие",
    copy: "копие|копие до",
    original: "оригинално писмо|оригинално съобщение|първоначално съобщение",
    forwarded: "препратено съобщение|препратено писмо|начало на препратеното съобщение",
    device: "изпратено от|изпратено с",
    ..NOTHING
};

const SERBIAN: Tongue = Tongue {
    opens: "дана|dana",
    verbs: "написа|пише|је написао|је написао/ла|je napisao|piše",
    name_last: true,
    from: "од|пошиљалац",
    date: "послато|датум|poslato",
    to: "за|прималац",
    subject: "тема|наслов|предмет",
    copy: "копија",
    original: "оригинална порука|изворна порука",
    forwarded: "прослеђена порука|prosleđena poruka",
    device: "послато са|poslato sa",
    ..NOTHING
};

const CROATIAN: Tongue = Tongue {
    opens: "dana|na|u",
    verbs: "je napisao|je napisala|je napisao/la|je napisao(la)|napisao je|piše|napisao|napisala|je pisao",
    name_last: true,
    quoting: "citiram",
    from: "od|šalje|pošiljatelj",
    date: "poslano|datum",
    to: "za|prima|primatelj",
    subject: "predmet|naslov|tema",
    copy: "kopija",
    original: "izvorna poruka|originalna poruka",
    forwarded: "proslijeđena poruka|početak proslijeđene poruke",
    device: "poslano s|poslano sa|poslano iz|poslano putem",
    ..NOTHING
};

const SLOVENE: Tongue = Tongue {
    opens: "dne|v|od",
    verbs: "je napisal|je napisala|je napisal(a)|napisal|napisala|sporoča|piše",
    name_last: true,
    quoting: "citiram",
    from: "od|pošiljatelj",
    date: "poslano|datum",
    to: "za|prejemnik",
    subject: "zadeva",
    copy: "kp",
    original: "izvirno sporočilo|izvorno sporočilo",
    forwarded: "posredovano sporočilo|začetek posredovanega sporočila",
    device: "poslano iz|poslano z mojega",
    ..NOTHING
};

const GREEK: Tongue = Tongue {
    opens: "στις|την|ο/η|ο χρήστης",
    verbs: "έγραψε|έγραψαν|γράφει",
    name_last: true,
    quoting: "παράθεση από",
    from: "από|αποστολέας",
    date: "στάλθηκε|ημερομηνία|εστάλη|αποστολή",
    to: "προς|παραλήπτης",
    subject: "θέμα",
    copy: "κοιν.|κοιν|κοινοποίηση",
    original: "αρχικό μήνυμα|πρωτότυπο μήνυμα",
    forwarded: "προωθημένο μήνυμα|έναρξη προωθημένου μηνύματος|διαβιβασμένο μήνυμα",
    device: "στάλθηκε από|εστάλη από|αποστολή από",
    ..NOTHING
};

const TURKISH: Tongue = Tongue {
    opens: "tarihinde",
    verbs: "yazdı|şunu yazdı|şunları yazdı|yazmış|şöyle yazdı|yazıyor",
    name_last: true,
    quoting: "alinti|alıntı",
    from: "kimden|gönderen|gönderici",
    date: "gönderildi|tarih|gönderilme|gönderme tarihi|gönderim tarihi|gönderilme tarihi",
    to: "kime|alıcı",
    subject: "konu",
    copy: "bilgi|kopya",
    original: "özgün ileti|orijinal mesaj|asıl mesaj|orijinal ileti|orjinal mesaj",
    forwarded: "iletilmiş ileti|yönlendirilmiş ileti|yönlendirilen ileti|iletilen mesaj başlangıcı|iletilen mesaj\
        |yönlendirilmiş mesaj",
    device: "…gönderildi|…gönderilmiştir",
    above: "yanıtınızı bu satırın üzerine|bu satırın üstüne",
    ..NOTHING
};

const HUNGARIAN: Tongue = Tongue {
    opens: "időpont|ekkor:",
    verbs: "ezt írta|írta|a következőt írta|a következőket írta|az alábbiakat írta|írja",
    name_last: true,
    quoting: "idézet",
    from: "feladó|küldő",
    date: "elküldve|dátum|küldve|küldés dátuma|küldés ideje",
    to: "címzett",
    subject: "tárgy",
    copy: "másolat|másolatot kap",
    original: "eredeti üzenet|eredeti levél",
    forwarded: "továbbított üzenet|továbbított levél|továbbított üzenet kezdete|továbbított üzenet eleje",
    device: "elküldve|küldve az|…küldve|…elküldve",
    ..NOTHING
};

const ROMANIAN: Tongue = Tongue {
    opens: "în data de|pe|la|în|in data de|pe data de",
    verbs: "a scris|scris|a scrie|scrie",
    name_last: true,
    quoting: "citat|citez",
    from: "de la|expeditor|de",
    date: "trimis|data|trimis la|trimisă",
    to: "către|la|destinatar|catre",
    subject: "subiect",
    copy: "copie",
    original: "mesaj original|mesajul original|mesaj inițial",
    forwarded: "mesaj redirecționat|început mesaj redirecționat|mesaj transmis|mesaj retrimis\
        |începutul mesajului redirecționat|forwarded message",
    device: "trimis de pe|trimis din|trimis cu|trimis prin",
    ..NOTHING
};

const CATALAN: Tongue = Tongue {
    opens: "el|en data",
    verbs: "va escriure|ha escrit|escriu|escrigué",
    quoting: "s'està citant|citant",
    from: "de|remitent",
    date: "enviat|data|enviat el",
    to: "per a|a|destinatari|per",
    subject: "assumpte",
    copy: "a/c",
    original: "missatge original",
    forwarded: "missatge reenviat|inici del missatge reenviat",
    device: "enviat des de|enviat des del|enviat amb|enviat del meu",
    ..NOTHING
};

const GALICIAN: Tongue = Tongue {
    opens: "o|no|a",
    verbs: "escribiu|escribeu",
    from: "de|dende",
    date: "enviado|data",
    to: "para",
    subject: "asunto",
    original: "mensaxe orixinal|mensaxe orixianl",
    forwarded: "mensaxe reenviada",
    device: "enviado desde o|enviado dende",
    ..NOTHING
};

const BASQUE: Tongue = Tongue {
    verbs: "idatzi du|idatzi zuen|idatzia|hau idatzi zuen",
    name_last: true,
    from: "nork|igorlea",
    date: "bidalita|data",
    to: "nori|hartzailea",
    subject: "gaia|mintzagaia",
    original: "jatorrizko mezua",
    forwarded: "birbidalitako mezua",
    device: "…bidalita",
    ..NOTHING
};

const ESTONIAN: Tongue = Tongue {
    opens: "kuupäeval",
    verbs: "kirjutas|kirjutab",
    name_last: true,
    from: "saatja|kellelt",
    date: "saadetud|kuupäev",
    to: "saaja|kellele",
    subject: "teema|pealkiri",
    copy: "koopia",
    original: "algne kiri|esialgne kiri|algne sõnum",
    forwarded: "edastatud kiri|edastatud sõnum",
    device: "saadetud minu|saadetud",
    ..NOTHING
};

const LATVIAN: Tongue = Tongue {
    opens: "datumā",
    verbs: "rakstīja|rakstija",
    name_last: true,
    quoting: "citēju",
    from: "no|kas|sūtītājs",
    date: "nosūtīts|datums|nosūtīta",
    to: "kam|adresāts",
    subject: "temats|tēma",
    original: "sākotnējā vēstule|sākotnējā ziņa|oriģinālā vēstule",
    forwarded: "pārsūtītā vēstule|pārsūtītā ziņa",
    device: "nosūtīts no|sūtīts no",
    ..NOTHING
};

const LITHUANIAN: Tongue = Tongue {
    verbs: "rašė|parašė",
    name_last: true,
    from: "nuo|siuntėjas",
    date: "išsiųsta|data",
    to: "kam|gavėjas",
    subject: "tema",
    copy: "kopija",
    original: "originalus laiškas|originalus tekstas|pradinis laiškas",
    forwarded: "persiųstas laiškas|persiųstas pranešimas",
    device: "išsiųsta iš|siųsta iš",
    ..NOTHING
};

const ICELANDIC: Tongue = Tongue {
    opens: "þann|þriðjudaginn|á",
    verbs: "skrifaði",
    name_last: true,
    from: "frá",
    date: "sent|dagsetning",
    to: "til",
    subject: "efni|titill|viðfangsefni",
    copy: "afrit",
    original: "upprunaleg skilaboð|upphaflegur póstur",
    forwarded: "áframsend skilaboð",
    device: "sent úr|sent frá",
    ..NOTHING
};

const INDONESIAN: Tongue = Tongue {
    opens: "pada|pada tanggal|pada tgl",
    verbs: "menulis|ditulis",
    quoting: "mengutip",
    from: "dari|pengirim|daripada",
    date: "terkirim|dikirim|tanggal|tarikh|dihantar",
    to: "kepada|penerima|ke",
    subject: "subjek|perihal|judul",
    copy: "tembusan",
    original: "pesan asli|pesan orisinal|mesej asal",
    forwarded: "pesan terusan|pesan yang diteruskan|mulai pesan yang diteruskan",
    device: "dikirim dari|terkirim dari|dikirim melalui|dihantar dari",
    ..NOTHING
};

const VIETNAMESE: Tongue = Tongue {
    opens: "vào|vào lúc|vào ngày|lúc|ngày",
    verbs: "đã viết|viết|đã viết là",
    name_last: true,
    from: "từ|người gửi|gửi từ",
    date: "đã gửi|ngày|ngày gửi|gửi",
    to: "tới|đến|người nhận",
    subject: "chủ đề|tiêu đề",
    original: "thư gốc|tin nhắn gốc|thư ban đầu",
    forwarded: "thư được chuyển tiếp|forwarded message|bắt đầu thư được chuyển tiếp",
    device: "đã gửi từ|được gửi từ|gửi từ",
    ..NOTHING
};

const THAI: Tongue = Tongue {
    opens: "เมื่อ|ในวันที่",
    verbs: "เขียนว่า|เขียน|ว่า",
    name_last: true,
    from: "จาก|ผู้ส่ง",
    date: "ส่ง|ส่งเมื่อ|วันที่",
    to: "ถึง|ผู้รับ",
    subject: "เรื่อง|หัวเรื่อง|หัวจดหมาย",
    copy: "สำเนา",
    original: "ข้อความเดิม|ข้อความต้นฉบับ",
    forwarded: "ข้อความที่ส่งต่อ",
    device: "ส่งจาก",
    ..NOTHING
};

const HEBREW: Tongue = Tongue {
    opens: "ב|ב-|בתאריך|ביום|נכתב על ידי|בתאריך יום",
    verbs: "כתב|כתבה|כתב/ה|‏כתב|מאת|נכתב על ידי",
    name_last: true,
    from: "מאת",
    date: "נשלח|תאריך|נשלח ב",
    to: "אל",
    subject: "נושא|הנדון",
    copy: "עותק|לידיעה|העתק",
    original: "הודעה מקורית|הודעה מקורי",
    forwarded: "הודעה שהועברה|תחילת הודעה שהועברה",
    device: "נשלח מה|נשלח מ|נשלח באמצעות",
    ..NOTHING
};

const ARABIC: Tongue = Tongue {
    opens: "في|بتاريخ|على|يوم",
    verbs: "كتب|كتبت|كَتَب|كتب/ت|تمت كتابة ما يلي بواسطة|الرسالة",
    name_last: true,
    quoting: "اقتباس",
    from: "من|مِن|المرسل",
    date: "تاريخ الإرسال|التاريخ|أُرسلت|المُرسل|تم الإرسال|أرسلت|إرسال",
    to: "إلى|المستقبل",
    subject: "الموضوع",
    copy: "نسخة|نسخة كربونية",
    original: "الرسالة الأصلية|الرسالة الأصليَّة|الرسالة الأساسية|رسالة أصلية",
    forwarded: "رسالة معاد توجيهها|الرسالة المعاد توجيهها|بداية الرسالة المعاد توجيهها",
    device: "أرسلت من|مرسل من|تم الإرسال من|أُرسلت من",
    ..NOTHING
};

const PERSIAN: Tongue = Tongue {
    opens: "در|در تاریخ",
    verbs: "نوشت|نوشته است|نوشته",
    name_last: true,
    from: "از|فرستنده",
    date: "ارسال|تاریخ",
    to: "به|گیرنده",
    subject: "موضوع",
    copy: "رونوشت",
    original: "پیام اصلی|پیام نخستین",
    forwarded: "پیام ارسال شده",
    device: "ارسال شده از|فرستاده شده از",
    ..NOTHING
};

const CHINESE: Tongue = Tongue {
    opens: "在|于|於",
    verbs: "写道|寫道|写到|寫到|寫了|撰寫|写于|寫於|来信|来信写道|写信|的邮件|编写",
    name_last: true,
    quoting: "引用|引述",
    from: "发件人|寄件者|寄件人|发送人|發件人|发信人",
    date: "发送时间|日期|时间|寄件日期|傳送時間|发送日期|寄送日期|已发送|發送時間|傳送日期|发件日期|時間",
    to: "收件人|收件者|收信人",
    subject: "主题|主旨|標題|标题|主題",
    copy: "抄送|副本|抄送人|密送",
    original: "原始邮件|原始郵件|原始消息|原始信件|邮件原件|回复的原邮件|原邮件|原始訊息|原信|答复的原邮件|回复邮件",
    forwarded: "转发的邮件|轉寄郵件|转发邮件|转发邮件信息|轉寄的郵件|被转发的邮件|已转发的邮件|開始轉寄郵件|开始转发的邮件\
        |轉寄訊息|已轉寄的郵件|下面是被转发的邮件|以下是转发的邮件|轉寄的訊息",
    device: "发自|發自|从我的|從我的|由我的|來自我的|来自我的|…发送|…傳送|…发出|…發出",
    above: "请在此行上方回复|請在此行上方回覆|在此行以上回复|在此线上方",
    ..NOTHING
};

const JAPANESE: Tongue = Tongue {
    opens: "平成|令和|昭和",
    verbs: "書きました|のメッセージ|書いた|さんは書きました|のメール|が送信|wrote|より|さんが書きました|は書きました|からのメール",
    name_last: true,
    quoting: "引用",
    from: "差出人|送信者|発信者|from",
    date: "送信日時|日付|送信日|日時|送信|date",
    to: "宛先|受信者",
    subject: "件名|題名",
    copy: "写し|写し(cc)|ｃｃ",
    original: "元のメッセージ|元メール|オリジナルメッセージ|元のメール|原文",
    forwarded: "転送されたメッセージ|転送メッセージ|転送されたメール|転送メール|ここから転送",
    device: "…から送信|…より送信|…から送信しました|…から送信されました|…からの送信",
    above: "この行の上に返信|この線の上に返信|この行より上に",
    ..NOTHING
};

const KOREAN: Tongue = Tongue {
    opens: "오전|오후",
    verbs: "작성|작성함|썼습니다|님의 말|쓴 글|쓴 내용|이 씀|님이 작성|보낸 메시지|보냄|님이 쓴 글|작성했습니다|적었습니다",
    name_last: true,
    quoting: "인용합니다",
    from: "보낸 사람|보낸사람|발신|보낸이|발신자",
    date: "보낸 날짜|날짜|보낸날짜|보낸 시간|일시|보냄|보낸 일시",
    to: "받는 사람|받는사람|수신|받는이|수신자",
    subject: "제목",
    copy: "참조|숨은 참조|숨은참조",
    original: "원본 메시지|원본 메일|원본메시지|원본메일|원래 메시지|원본 이메일",
    forwarded: "전달된 메시지|전달한 메시지|전달된 메일|전달된 메시지의 시작|전달된 이메일",
    device: "…에서 보냄|…에서 보낸 메일|…에서 전송|…에서 보냅니다|…에서 발송|…보냄",
    above: "이 줄 위에 답장|이 선 위에 답장",
    ..NOTHING
};

/// All phrases of one field.
pub fn phrases(field: impl Fn(&Tongue) -> &'static str) -> impl Iterator<Item = &'static str> {
    TONGUES.iter().flat_map(move |tongue| field(tongue).split('|')).filter(|phrase| !phrase.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_as_it_will_be_compared() {
        let fields: [fn(&Tongue) -> &'static str; 14] = [
            |t| t.opens,
            |t| t.verbs,
            |t| t.speech,
            |t| t.quoting,
            |t| t.from,
            |t| t.date,
            |t| t.to,
            |t| t.subject,
            |t| t.copy,
            |t| t.original,
            |t| t.forwarded,
            |t| t.device,
            |t| t.above,
            |_| "",
        ];
        for phrase in fields.into_iter().flat_map(phrases) {
            assert_eq!(phrase, phrase.to_lowercase(), "lower case");
            assert_eq!(phrase.trim_start(), phrase, "`{phrase}`: no space in front");
        }
    }
}
