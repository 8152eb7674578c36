"""The words by which publishers mark what is not the article: adverts, share bars, sign-ups, related stories, bylines.

Belongs here: patterns by kind, each in many languages, matched against one folded line (lower case, one space, no outer marks).
How much of a page a match may remove is decided in `clean`. General words only: no names of outlets.
"""

from __future__ import annotations

import re


def _any(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


# A line that is only this and nothing more.
_LABELS = _any(
    # adverts and blocked content
    r"(?:scroll to continue|story continues|article continues|continue reading)(?: (?:with|after|below).{0,30})?",
    r"(?:the |this )?(?:story|article) continues (?:below|after).{0,30}",
    r"adverti[sz]e?ments?(?: embed.{0,20})?(?:story continues below)?|advertising|ad|sponsored(?: content)?|promoted(?: content)?",
    r"advertentie|annonce|publicité|publicidad|publicidade|pubblicità|anzeige|werbung|reklama?|реклама|anunțuri?|hirdetés|mainos",
    r"إعلان|اعلان|آگهی|اشتہار|広告|广告|廣告|광고|โฆษณา|reklâm|quảng cáo|iklan|διαφήμιση|פרסומת",
    r"article content|main ?content|hauptinhalt|inhaltsverzeichnis|table of contents|loading\.*|wird geladen\.*|chargement\.*",
    r"empfohlener (?:redaktioneller|externer) inhalt|externer inhalt|recommended (?:content|reading|stories|for you)",
    r"embed|video|videos?|play|pause|mute|bild anzeigen|galerie|zur galerie|image \d+ of \d+|view (?:gallery|image|photos?)|fullscreen",
    # sharing, printing, saving
    r"share(?: (?:this|this (?:story|article|post|page)|on .{0,40}|via .{0,20}|save))?|save|print(?: (?:this )?(?:article|page))?|copy link|link copied!?",
    r"e-?mail|email this|tweet|facebook|twitter|whatsapp|linkedin|pinterest|reddit|telegram|follow|like|comment",
    r"teilen(?: mit| auf .{0,30})?|artikel (?:teilen|drucken|merken)|drucken|merken|vorlesen|kommentieren|feedback",
    r"partager(?: (?:l'article|sur .{0,20}))?|imprimer|compart(?:ir|ilhar|e)(?: (?:en|no|na|este|esta) .{0,30})?|imprimir|condividi|stampa",
    r"delen|deel (?:dit|via).{0,20}|dela|del|jaa|udostępnij|sdílet|поделиться|поділитися|paylaş|bagikan|distribuie",
    r"مشاركة|شارك|اشتراک(?:‌| )گذاری|شیئر(?: کریں)?|分享(?:让更多人看到|到.{0,10})?|评论|關注|关注|シェア(?:する)?|このニュースをシェア|記事(?:を)?保存|공유",
    # fragments of a page's frame
    r"(?:view |show |load |read |see )?(?:all |\d+ )?comments?(?: \(?\d+\)?)?|leave a (?:comment|reply)|\d+ comments?|no comments",
    r"sign (?:in|up)|log ?in|register|subscribe(?: now| today)?|s'abonner|abonnieren|jetzt (?:abonnieren|anmelden)|susc?r[íi]b(?:ete|ase|irse)",
    r"abbonati|assine|inloggen|zum newsletter anmelden|zur startseite|back to top|nach oben|zurück|weiter|next|previous|prev",
    r"(?:previous|prev|next|vorheriger|nächster) (?:article|story|post|artikel|beitrag)(?: ?[/|»›>] ?(?:previous|prev|next) (?:article|story|post))?",
    r"/? ?(?:انتهای (?:پیام|خبر)|پایان (?:پیام|خبر))/?.{0,10}|(?:کد|شناسه|شماره) (?:خبر|مطلب) ?[:：]? ?\d{0,12}|لینک کوتاه.{0,60}|ارسال (?:نظر|دیدگاه)|نظر شما|(?:برچسب|کلید ?واژه)(?:‌| )?ها ?:.{0,80}",
    r"(?:ال)?كلمات (?:ال)?(?:دلالية|مفتاحية).{0,80}|(?:شارك|شاركوا|انشر) (?:هذا|هذه|ال)?.{0,20}|طباعة|ٹیگز.{0,60}|ټګونه.{0,60}|riproduzione riservata|(?:tags?|schlag(?:worte|wörter)|mots[- ]clés|etiquetas|palabras clave|теги|etiketler) ?:.{0,80}",
    r"getty(?: images)?|reuters|afp|ap photo|afp via getty images|istock|shutterstock|file photo",
)

# A lead-in to other stories; alone it heads a list of them, with a colon and a title it is one of them.
_RELATED = _any(
    r"(?:read|see|learn|watch|hear|discover) (?:more|also|next|now|this)(?: (?:here|on|about|from|in|at) .{0,60})?",
    r"(?:also|must|further|more to|what to|keep) (?:read(?:ing)?|watch|see)(?: next)?|don'?t miss|in case you missed it|you (?:may|might) (?:also )?(?:like|be interested in).{0,10}",
    r"related(?: to th(?:is|e) .{2,30})?|related(?: (?:articles?|stor(?:y|ies)|posts?|content|news|topics?|links?|coverage|reading|video|items))?|more (?:stories|news|articles|videos)(?: (?:from|on|by|about|like) .{0,50})?",
    r"more (?:from|on|about|in) .{1,50}|most (?:read|popular|viewed|shared|commented)(?: (?:in|on|stories|articles|news).{0,30})?|more must-?reads.{0,30}",
    r"editor'?s?'? (?:picks?|choice)|top stories|latest (?:news|stories|videos)(?: (?:from|on|in) .{0,30})?|trending(?: now| stories| news)?|popular(?: (?:now|stories|posts|articles|news))?",
    r"recommended(?: (?:stories|articles|videos|by .{0,20}|for you))?|you'?ll also like|up next|see also|also in .{1,30}|explore more|what you need to know today",
    # German, Dutch, Nordic
    r"(?:lesen|sehen|hören) sie (?:auch|dazu|mehr|hier|außerdem|weiter).{0,40}|lies auch|mehr (?:zum|zu diesem) thema.{0,50}|mehr (?:aus|von|über|zu) .{1,50}|auch interessant.{0,20}|auch (?:auf|lesenswert).{0,30}|das könnte (?:sie|dich) (?:auch )?interessieren.{0,20}",
    r"zum (?:artikel|thema)|weitere (?:artikel|themen|nachrichten|beiträge|meldungen|informationen).{0,40}|meist ?gelesen.{0,20}|ähnliche (?:artikel|beiträge|themen)|passend dazu|hintergrund|weiterlesen|mehr dazu|verwandte (?:artikel|themen)|lesetipps?|beliebt(?:este)? (?:artikel|beiträge)",
    r"lees (?:ook|meer|verder)|meer over .{1,50}|meest gelezen|gerelateerd.{0,20}|les (?:også|mer|mere)|læs (?:også|mere)|läs (?:också|även|mer)|lue (?:myös|lisää)|mest läst|mest lest|lestu (?:líka|einnig|meira)",
    # Romance
    r"(?:à|a) (?:lire|voir|écouter)(?: (?:aussi|également|sur .{0,20}))?|lire (?:aussi|également|la suite|plus)|voir aussi|(?:sur|dans) le même (?:sujet|thème)|plus d'(?:infos|articles).{0,30}|articles? (?:liés|similaires|connexes|recommandés)|les plus lus|notre sélection",
    r"(?:lea|lee|leer|ver|vea|mire|mira|conozca|además|puede leer|te recomendamos|le recomendamos)(?: (?:también|tambien|más|mas|además|aquí|leer|ver))?|también (?:lea|lee|puedes? leer|te puede interesar|le puede interesar)|(?:te|le|les) (?:puede|podría|podria|pueden|interesa)(?: (?:interesar|también))?.{0,10}|(?:noticias?|notas?|art[íi]culos?|contenidos?|temas) (?:relacionad[ao]s?|recomendad[ao]s?)|más (?:noticias|información|sobre .{1,40}|leídas?|en .{1,30})|lo más (?:leído|visto)|m[áa]s en .{1,30}",
    r"lei(?:a|r) (?:também|mais|ainda)|veja (?:também|mais)|saiba mais|(?:notícias|matérias|artigos) relacionad[ao]s|mais lidas|leggi (?:anche|di più|tutto|pure)|(?:articoli|notizie) correlat[ie]|(?:potrebbe|ti potrebbe) interessarti.{0,20}|(?:i )?più letti|approfondisci|citește (?:și|mai).{0,20}|vezi (?:și|mai mult).{0,10}|(?:citiți|cititi) (?:și|si)|articole similare",
    # Slavic, Baltic, Hungarian, Greek, Turkish
    r"(?:czytaj|zobacz|przeczytaj|sprawdź|polecamy)(?: (?:też|także|również|więcej|teraz|dalej))?|więcej (?:na|o|informacji).{0,40}|najczęściej czytane|čtěte (?:také|více|dále)|přečtěte si.{0,10}|související.{0,20}|čítajte (?:aj|tiež|viac)|mohlo by (?:vás|vas) (?:také |tiež )?zaj[íi]mat",
    r"читайте (?:также|ещё|еще|далее|по теме)|смотрите также|по теме|материалы по теме|популярное|главное|читайте (?:також|ще)|(?:дивіться|також) (?:також|читайте)|прочетете (?:още|и)|вижте (?:още|и)|още по темата|pročitajte (?:još|i)|preberite (?:še|tudi)|loe (?:ka|lisaks|edasi)|lasi (?:arī|vēl)|skaityk(?:ite)? (?:taip pat|daugiau)",
    r"(?:olvas[ds]?a?|olvasson|ajánlott|kapcsolódó|ez is érdekelheti).{0,25}|διαβάστε (?:επίσης|ακόμη|ακόμα|περισσότερα|και)|δείτε (?:επίσης|ακόμα|και)|σχετικά.{0,15}|ilgili (?:haberler?|konular|içerik)|(?:bunu|bunları) da okuyun?|ayrıca okuyun|devamını oku|çok okunanlar",
    # Persian, Arabic, Urdu, Pashto, Hebrew, Hindi and the East
    r"(?:بیشتر|همچنین|در همین (?:زمینه|رابطه)|مطالب|اخبار|خبرهای) ?(?:بخوانید|بدانید|ببینید|مرتبط|بیشتر|مشابه)?|در (?:همین|این) (?:باره|زمینه|رابطه)|(?:اقرأ|إقرأ|اقرأي|شاهد|طالع|تابع) (?:أيضا|أيضاً|ايضا|المزيد|كذلك)|(?:مواضيع|أخبار|مقالات|موضوعات) (?:ذات صلة|متعلقة|مشابهة)|ذات صلة|قد يهمك.{0,15}|الأكثر (?:قراءة|مشاهدة)",
    r"(?:یہ بھی|مزید|متعلقہ) (?:پڑھیں|پڑھیے|دیکھیں|خبریں).{0,10}|مزید خبریں|نور (?:ولولئ|خبرونه)|(?:دا|دغه) هم ولولئ|اړوند (?:مطالب|خبرونه|لیکنې)|דיווחים נוספים|קרא(?:ו)? (?:גם|עוד)|(?:यह|ये) भी पढ़ें|और पढ़ें|संबंधित (?:खबरें|समाचार)|আরও পড়ুন|เรื่องที่เกี่ยวข้อง|ข่าวที่เกี่ยวข้อง|อ่านเพิ่มเติม|xem thêm|đọc thêm|tin liên quan|baca juga|berita terkait|artikel terkait|lihat juga|pilihan editor",
    r"関連(?:記事|ニュース|リンク|キーワード)?|あわせて読みたい|おすすめ(?:記事)?|相关(?:阅读|新闻|报道|链接|文章)|延伸阅读|推荐阅读|相關(?:新聞|報導|文章)|延伸閱讀|更多(?:新闻|内容|報導)?|관련 ?(?:기사|뉴스)|추천 ?기사|많이 본 (?:뉴스|기사)",
)

# Sentences that ask the reader for something, wherever they stand.
_PLEAS = _any(
    r"(?:please )?(?:sign up|signup|register|subscribe)(?: here| now| today| for free)?(?: \(.{0,40}\))? (?:to|for|today|now|here|or sign)\b",
    r"(?:click|tap) here (?:to|for)|never miss|get (?:the |our |all |more |daily |breaking |your )?(?:latest |best |top |free |national |local |morning )*(?:news|stories|headlines|updates|newsletters?|briefing|alerts)\b",
    r"(?:for|to get|want) (?:the |our |more |all )?(?:latest|more|breaking|weekly|daily).{0,60}(?:sign up|subscribe|follow|newsletter|download|visit|click|inbox)",
    r"(?:check out|join|follow|find|like|visit|add) (?:us|the .{1,30}|our|more of the .{0,30}|.{1,25}) (?:on|at) (?:x|twitter|facebook|instagram|google|youtube|tiktok|telegram|whatsapp|bluesky|threads|flipboard|linkedin|social)\b",
    r"(?:join|follow) (?:us|our|the conversation)\b|download (?:our|the .{0,25}) app|(?:don'?t|do not) forget to (?:subscribe|follow|sign)|listen to .{0,40} (?:on|wherever) .{0,20}podcasts?$",
    r"our (?:website|journalism|community members|standards:|reporting is)|thank you for (?:reading|your (?:support|registration))|you (?:can|may) (?:unsubscribe|opt out)|(?:to )?(?:read|continue reading) (?:this|the full) (?:story|article)|by (?:signing up|subscribing|clicking)|this site is protected by recaptcha|we use (?:your|cookies)",
    r"(?:do you )?have (?:you got )?(?:a |any )?(?:story|tip|news tip|question|feedback|comment).{0,60}(?:\?|email|e-mail|contact|get in touch|let us know|write)|(?:email|e-mail|contact|write to|get in touch with|send .{0,30} to)\b.{0,80}\S+@\S+\.\w+|would you like to comment on|please read our (?:comment|community)|comments (?:are closed|on this)|read our (?:privacy|comment|full).{0,20}",
    r"(?:this|the) (?:article|story|piece|post) (?:was |is |has been )?(?:originally |first )?(?:appeared|published|posted) (?:on|in|at|by)\b|copyright (?:©|\d{4}|\(c\))|(?:©|\(c\)|™)\s?(?:& ©\s?)?(?:copyright )?\d{4}|© ?[\w .,&|-]{2,60}$|all rights reserved",
    # German, Dutch, Nordic
    r"(?:abonnieren|folgen|besuchen|liken|lesen) sie (?:uns|unseren?|jetzt|hier|.{1,25} (?:auf|bei) (?:x|twitter|facebook|instagram|google|youtube|whatsapp|telegram))|folg(?:e|t|st) (?:uns|du (?:schon|uns))|(?:zum|unseren?|den|unser|mit dem|täglichen|kostenlosen?) ?.{0,30}newsletter.{0,60}(?:anmelden|abonnieren|bestellen|informiert|hier|richtig|kostenlos|eintragen)|newsletter (?:abonnieren|bestellen)|jetzt .{0,40}(?:abonnieren|anmelden|kostenlos testen|downloaden)|fehler (?:gefunden|entdeckt)\b|(?:ihre|deine) meinung ist (?:uns|gefragt)|.{0,40}whatsapp-kanal.{0,60}(?:abonnier|folg)|du willst .{0,60}(?:newsletter|whatsapp)|mit (?:ihrer|deiner) anmeldung|ich bin damit einverstanden, dass mir|an dieser stelle finden sie einen|mit diesem button|ein klick für den datenschutz|(?:du musst|sie müssen) .{0,20}(?:eingeloggt|angemeldet|einloggen|anmelden|registrier)|dieser (?:artikel|text|beitrag) (?:ist|erschien|stammt).{0,30}(?:zuerst|ursprünglich)?.{0,10}(?:bei|in|auf) |(?:dieser (?:beitrag|artikel) enthält|enthält) (?:werbung|affiliate)|\*? ?(?:werbung|anzeige)[.,:]",
    r"(?:schrijf|meld) (?:je|u) (?:in|aan)|volg (?:ons|je)|abonneer (?:je|u)|(?:følg|følg med|abonner|meld deg|tilmeld|prenumerera|följ|anmäl dig|tilaa|seuraa).{0,60}(?:nyhedsbrev|nyhetsbrev|uutiskirje|facebook|instagram|twitter|oss|os|meitä)",
    # Romance
    r"(?:abonnez|inscrivez|connectez)-vous|suivez(?:-nous| (?:l'actualité|toute|nos|.{1,20} sur))|recevez .{0,60}(?:newsletter|lettre|alertes|boîte)|(?:cliquez|découvrez) ici|téléchargez .{0,20}(?:application|appli)|(?:la suite|cet article|le reste) (?:de cet article )?est réservée?|vous (?:avez|souhaitez) .{0,40}(?:témoign|contact|signal|réag)|envoyez-nous",
    r"(?:suscr[íi]b(?:ete|ase|irse)|s[íi]gue(?:nos| a )|s[íi]ganos|[úu]nete|[úu]nase|reg[íi]strate|reg[íi]strese|descarga (?:nuestra|la) app|recibe|reciba|apúntate|inscríbete|newsletter|haz clic|haga clic|ya sabías que .{0,40}canal|compartir esta)\b|tu suscripción se está usando|esta funcionalidad es s[óo]lo para|conforme a los criterios de",
    r"(?:inscreva-se|siga(?:-nos)?|assine|receba|cadastre-se|clique aqui|participe do (?:canal|grupo)|entre no (?:canal|grupo)|baixe o)\b|(?:iscriviti|seguici|abbonati|clicca qui|ricevi|scarica l'app|unisciti)\b|(?:abonați-vă|abonează-te|urmăriți|urmărește|aboneaza-te)\b",
    # Slavic, Turkish, Greek, Hungarian
    r"(?:подпис(?:ывайтесь|аться|ывайся|атись)|подпишитесь|підпис(?:уйтесь|атися)|следите за|слідкуйте|присоединяйтесь|долучайтесь|читайте нас|если вы (?:заметили|нашли) ошибку|знайшли помилку|нашли (?:ошибку|опечатку)|заметили (?:ошибку|опечатку)|абонирайте|последвайте)\b|(?:zapisz się|obserwuj|śledź|polub nas|subskrybuj|dołącz do|ten tekst przeczytasz|materiał chroniony prawem|dalszy ciąg materiału|odběr|přihlaste se|sledujte nás|pratite nas|zapratite)\b",
    r"(?:abone ol|takip edin|bizi takip|bültenimize)\b|(?:ακολουθήστε|εγγραφείτε|γίνετε μέλος)\b|(?:iratkozz(?:on)? fel|kövess(?:en)? (?:minket|bennünket)|csatlakozz)",
    # Persian, Arabic, Urdu, Hebrew and the East
    r"(?:ما را در|به (?:کانال|صفحه|خبرنامه) .{0,30}(?:بپیوندید|مراجعه)|عضو (?:کانال|خبرنامه)|.{0,30}دنبال کنید$)|(?:تابعونا|تابعنا|تابعوا|اشترك(?:وا)? (?:في|الآن)|اشتركوا|للاشتراك|انضم(?:وا)? إلى|لمتابعة .{0,30}(?:قناة|صفحة)|حمل تطبيق|حقوق النشر)|.{0,40}(?:فالو کریں|سبسکرائب کریں)",
    r"(?:फॉलो करें|सब्सक्राइब)|(?:加入|关注|關注|下载|扫码|訂閱|订阅).{0,20}(?:微信|公众号|会员|app|客户端|电子报|頻道)|【?(?:纠错|责任编辑|責任編輯|編輯)[】:：].{0,20}|(?:有料会員|会員登録|ログイン|無料・有料).{0,60}|(?:ikuti|gabung|simak) .{0,60}(?:whatsapp|telegram|channel|google news)|theo dõi .{0,40}(?:facebook|zalo|youtube)|구독|무단 ?전재",
)

# Who and when, as a line of its own at the top or at the end.
_BYLINE = _any(
    r"(?:written |reported |story |words? |article |posted |published |edited |compiled |text )?by:? .{2,70}",
    r"(?:von|par|por|di|da|de|door|av|af|przez|autor(?:e|en|in|a)?|author|reporter|redaktion|redacción|rédaction|text|texte|texto|testo|tekst|автор|текст|γράφει ο|γράφει η|του|írta|yazan|نویسنده|گزارش(?:گر)?|تحریر|بقلم|كتب(?:ت)?|بواسطة|作者|記者|记者|文):? ?.{2,60}",
)
_DATELINE = _any(
    r"(?:published|updated|posted|last (?:updated|modified)|first published|created|modified|stand|aktualisiert|veröffentlicht|erstellt|letzte änderung|publié|mis à jour|modifié|publicado|actualizado|atualizado|aggiornato|pubblicato|gepubliceerd|bijgewerkt|publisert|oppdatert|publicerad|uppdaterad|opublikowano|aktualizacja|опубликовано|обновлено|تاریخ انتشار|نشر في|آخر تحديث|release date|date)\b.{0,60}",
    r"(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,? )?(?:\d{1,2}(?:st|nd|rd|th|\.)?(?: de)? )?[^\W\d_]{3,12}\.?(?: de)? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d(?:,? .{0,3}\d{1,2}[:.h]\d\d.{0,20})?",
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?:[ ,|–-]+\d{1,2}[:.h]\d\d.{0,20})?|\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?| uhr)?(?: [a-z]{2,4})?",
    r"(?:estimated )?(?:reading time|read time|lesedauer|lesezeit|temps de lecture|tiempo de lectura|tempo de leitura|tempo di lettura|leestijd|lästid|czas czytania|время чтения|زمان مطالعه):? .{0,20}",
    r"\d{1,3} ?(?:min\.?(?:ute[ns]?)?|mins|minut[eoais]*|мин(?:ут[ыа]?)?)(?: (?:de )?(?:read|lesezeit|lecture|lectura|leitura|lettura|lesen|ago))?",
    r"\d{1,3} (?:minutes?|hours?|days?|stunden?|tagen?) (?:ago|old)|(?:vor|il y a|hace|há) \d{1,3} .{3,12}|\d+ views?",
)
_CREDIT = r"(?:image|images|photo|photos|picture|pic|credit|photo credit|photograph|photography|foto|fotos|bild|bildquelle|copyright|crédit(?:s)?|crédits? photo|imagen|imagem|immagine|kuva|zdjęcie|fot\.|фото|عکس|صورة|تصویر|caption|source image|illustration)s?(?: by)? ?[:©/|] ?.{1,80}"

# Who helped and where it came from, as one of the last lines.
_SIGN_OFF = _any(
    r".{0,60}\bcontributed (?:to (?:this|the)|report(?:ing|s)).{0,60}|.{2,160} reported from .{2,160}|(?:additional |with )?(?:reporting|reports|files|editing|writing|production|research)(?: assistance)? (?:by|from) .{2,300}",
    r"\(?(?:quellen?|sources?|fuentes?|fonte|kilder?|källa|källor|bron|źródło|источник|منبع|المصدر|kaynak|forrás|lähde|zdroj|via|来源|來源|出典)(?: foto)? ?[:：].{0,80}",
    r"\(?(?:mit |with |avec |con )?(?:material (?:von|der) )?(?:agencies|agenturen|agences|dpa|afp|ap|apa|sda|reuters|upi|ansa|efe|kna|epd|sid|tass|xinhua|pti|ians|ani|belga|anp|ntb|tt|ritzau|pap|čtk|mti|aap)\b[a-z/, &+-]{0,30}\)?",
    r"\([a-zäöü]{2,4}(?:[/,] ?[a-zäöü]{2,6}){0,3}\)|the-.{2,12}-wire|(?:ends|end)",
    r"(?:eigene recherchen?|recherche)|(?:dieses thema im programm|übersetzung und adaptierung|translation|translated (?:by|from)|traduit|traducción).{0,120}",
)
_COMMENTS = _any(
    r"(?:\d+ )?(?:comments?|responses?|replies)(?: \(?\d+\)?)?(?: on .{0,80}| to .{0,80})?|leave a (?:comment|reply).{0,40}|join the (?:discussion|conversation).{0,20}|post a comment|reader comments",
    r"(?:\d+ )?kommentare(?: \(?\d+\)?)?|kommentar (?:schreiben|verfassen|abgeben)|schreib(?:e|en sie)? einen kommentar|leserkommentare|commentaires?(?: \(?\d+\)?)?|laisser un commentaire|comentar(?:ios?)?(?: \(?\d+\)?)?|deja (?:un|tu) comentario|comentários?|commenti|lascia un commento|reacties|komentarze|комментарии.{0,10}|коментарі|коментари|yorumlar|σχόλια|نظرات|دیدگاه(?:‌| )?ها|التعليقات|تعليقات|تبصرے|コメント|评论区?|留言",
)

# The neighbours of this story in the outlet's list; the title stands behind it or on the next line.
_NEIGHBOUR = _any(
    r"(?:prev|previous|next|older|newer) (?:article|story|post|page|news)s?|(?:vorherige[rs]?|nächste[rs]?|voriger) (?:artikel|beitrag|meldung)",
    r"article (?:précédent|suivant)|art[íi]culo (?:anterior|siguiente)|(?:nota|noticia|entrada) (?:anterior|siguiente)|articolo (?:precedente|successivo)|(?:artigo|próximo|matéria|notícia) (?:anterior|artigo|seguinte)",
    r"(?:vorig|volgend)e? (?:artikel|bericht)|(?:forrige|neste|næste|föregående|nästa|edellinen|seuraava) (?:artikkel|artikel|sak|juttu)|(?:poprzedni|następny) (?:artykuł|wpis)|(?:předchozí|další) článek",
    r"(?:предыдущая|следующая) (?:статья|запись|новость)|(?:попередня|наступна) (?:стаття|новина)|(?:önceki|sonraki) (?:haber|yazı|makale)|(?:προηγούμενο|επόμενο) άρθρο",
    r"(?:مطلب|خبر|نوشته|مقاله) (?:قبلی|بعدی)|(?:المقال|الخبر|الموضوع)(?:ة)? (?:السابق|التالي)|(?:پچھلی|اگلی) (?:خبر|پوسٹ)|前の記事|次の記事|上一篇|下一篇|이전 ?(?:기사|글)|다음 ?(?:기사|글)|अगली खबर|पिछली खबर",
)

LABEL = re.compile(_LABELS)
RELATED = re.compile(_RELATED)
RELATED_TITLE = re.compile(_RELATED + r" ?[:|»>–—-] ?\S.*")
PLEA = re.compile(_PLEAS)
BYLINE = re.compile(_BYLINE)
DATELINE = re.compile(_DATELINE)
CREDIT = re.compile(_CREDIT)
SIGN_OFF = re.compile(_SIGN_OFF)
NEIGHBOUR = re.compile(_NEIGHBOUR + r"(?P<title>\b.*|$)")
COMMENTS = re.compile(_COMMENTS)
