"""Authors: bylines split and cleaned, persons and organisations apart, places in their order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.authors import split_names
from archiver.extract.metadata import read_metadata
from tests.unit.extract.given import document, json_ld, page_of


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("BY ANN LEE", ["ANN LEE"]),
        ("Written by: Ann Lee and Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Ann Lee, Bob Ray & Carl Odd", ["Ann Lee", "Bob Ray", "Carl Odd"]),
        ("Ann Lee, Senior Political Reporter", ["Ann Lee"]),
        ("Ann Lee | Science Editor", ["Ann Lee"]),
        ("Ann Lee political reporter", ["Ann Lee"]),
        ("Lee, Ann", ["Ann Lee"]),
        ("By Ann Lee March 9, 2026", ["Ann Lee"]),
        ("Ann Lee 09.03.2026, 10:15", ["Ann Lee"]),
        ("By Ann Lee Updated 3 hours ago", ["Ann Lee"]),
        ("Ann Lee (@annlee)", ["Ann Lee"]),
        ("Ann Lee ann.lee@news.example", ["Ann Lee"]),
        ("Dr. Ann Lee", ["Ann Lee"]),
        ("Ann Lee Photos by Bob Ray", ["Ann Lee"]),
        ("Von Anna Berg und Karl Groß", ["Anna Berg", "Karl Groß"]),
        ("Ein Gastbeitrag von Ursula von der Heide", ["Ursula von der Heide"]),
        ("Par Jean Dupont et Marie Curie", ["Jean Dupont", "Marie Curie"]),
        ("Por Ana Ruiz y José de la Cruz", ["Ana Ruiz", "José de la Cruz"]),
        ("di Carla Rossi", ["Carla Rossi"]),
        ("Автор: Иван Петров", ["Иван Петров"]),
        ("نویسنده: احمد کریمی", ["احمد کریمی"]),
        ("تحریر: سلیم خان", ["سلیم خان"]),
        ("بقلم: محمود درويش", ["محمود درويش"]),
        ("ليکوال: ګل محمد", ["ګل محمد"]),
        ("作者：王小明", ["王小明"]),
        ("[田中宏昌，鈴木一郎]", ["田中宏昌", "鈴木一郎"]),
        ("Ann Lee, Bob Head", ["Ann Lee", "Bob Head"]),
        ("Ann Lee, Washington Correspondent", ["Ann Lee"]),
        ("M. Night Lee", ["M. Night Lee"]),
        ("By Rachid El Alaoui", ["Rachid El Alaoui"]),
        ("Jean Le Goff", ["Jean Le Goff"]),
        ("Lee In-young", ["Lee In-young"]),
        ("Ann Lee in Kabul", ["Ann Lee"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Reuters", ["Reuters"]),
        ("", []),
        ("By", []),
        ("12:30", []),
        ("https://news.example/ann", []),
        ("admin", []),
    ],
)
def test_a_byline_becomes_its_names(byline, names):
    assert split_names(byline) == names


def _authors(head: str = "", body: str = "<p>x</p>"):
    return [(author.name, author.type) for author in read_metadata(page_of(document(head, body))).authors]


def _entry(author: object) -> str:
    return json_ld({"@type": "NewsArticle", "headline": "The bridge opens", "author": author})


@pytest.mark.parametrize(
    ("author", "found"),
    [
        ("Ann Lee", [("Ann Lee", "person")]),
        (["Ann Lee", "Bob Ray"], [("Ann Lee", "person"), ("Bob Ray", "person")]),
        ({"@type": "Person", "name": "By Ann Lee"}, [("Ann Lee", "person")]),
        ({"@type": "Person", "name": ["Ann Lee", "Bob Ray"]}, [("Ann Lee", "person"), ("Bob Ray", "person")]),
        ([{"@type": "Person", "name": "Ann Lee, Bob Ray"}, {"@type": "Organization", "name": "Example Wire"}],
         [("Ann Lee", "person"), ("Bob Ray", "person"), ("Example Wire", "organization")]),
        ({"@type": "Person", "givenName": "Ann", "familyName": "Lee"}, [("Ann Lee", "person")]),
        ({"@type": "Person", "name": "AFP"}, [("AFP", "organization")]),
        ({"@type": "Person", "name": "Sid Lee"}, [("Sid Lee", "person")]),
        ({"@type": "Person", "name": "dpa"}, [("dpa", "organization")]),
        ({"@type": "Person", "name": "News Desk"}, [("News Desk", "organization")]),
        ([{"name": "Ann Lee"}, {"name": "Ann Lee"}], [("Ann Lee", "person")]),
        ({"name": None}, []),
        (7, []),
    ],
)  # fmt: skip
def test_json_ld_authors_in_every_shape(author, found):
    assert _authors(_entry(author)) == found


def test_meta_tags_name_authors_and_urls_do_not():
    head = '<meta property="article:author" content="https://social.example/ann"><meta name="author" content="Ann Lee, Bob Ray">'
    assert _authors(head) == [("Ann Lee", "person"), ("Bob Ray", "person")]


@pytest.mark.parametrize(
    "body",
    [
        '<a rel="author" href="/ann">Ann Lee</a>',
        '<div class="byline"><span>By</span><span>Ann Lee</span></div>',
        '<div class="article-meta"><span class="author-name">Ann Lee</span><span>Editor</span></div>',
        "<p>By Ann Lee</p><p>The text says by no means anything.</p>",
        '<div class="comments"><span class="author">Troll One</span></div><div class="byline">Ann Lee</div>',
    ],
)
def test_bylines_in_markup_and_text(body):
    assert _authors(body=body) == [("Ann Lee", "person")]


def test_several_byline_elements_side_by_side_all_count():
    body = '<ul class="authors"><li class="author"><a>Ann Lee</a></li><li class="author"><a>Bob Ray</a></li></ul>'
    assert _authors(body=body) == [("Ann Lee", "person"), ("Bob Ray", "person")]


def test_a_named_person_wins_over_the_publisher_as_author():
    entry = json_ld(
        {
            "@type": "NewsArticle",
            "headline": "The bridge",
            "author": {"@type": "Organization", "name": "The Gull"},
            "publisher": {"name": "The Gull"},
        }
    )
    found = read_metadata(page_of(document(entry, '<div class="byline">By Ann Lee</div>')))
    assert [(author.name, author.type) for author in found.authors] == [("Ann Lee", "person")]
    assert any(one.startswith("conflict:authors") for one in found.warnings)


def test_an_agency_stays_the_author():
    assert _authors(
        _entry({"@type": "Organization", "name": "Example Wire"}), '<div class="author-box">Read more stories</div>'
    ) == [("Example Wire", "organization")]


def test_the_publishers_name_is_an_organisation_even_when_called_a_person():
    head = '<meta property="og:site_name" content="Gull Harbour">' + _entry({"@type": "Person", "name": "Gull Harbour"})
    assert _authors(head) == [("Gull Harbour", "organization")]


def test_the_pages_spelling_is_kept_beside_the_name():
    author = read_metadata(page_of(document(_entry("By Dr. Ann Lee, Reporter")))).authors[0]
    assert (author.name, author.name_raw) == ("Ann Lee", "By Dr. Ann Lee, Reporter")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_gives_short_clean_names(text):
    for name in split_names(text):
        assert 2 <= len(name) <= 80
        assert "@" not in name and "\n" not in name and "://" not in name


def test_a_role_below_the_name_is_no_name():
    body = (
        '<div class="author-profile"><a class="author-profile-name" href="/author/ann-lee">Ann Lee</a>'
        '<p class="author-profile-title">Senior Business</p></div>'
    )
    assert _authors(body=body) == [("Ann Lee", "person")]
    assert _authors(body='<p class="author-job-title">Senior Business</p>') == []


def test_a_link_to_an_authors_page_names_the_author_where_nothing_else_does():
    link = '<p class="meta"><a href="/about/editors/ann-lee/">Ann Lee</a>, 2 May</p>'
    assert _authors(body=f"<h1>Bridge opens</h1>{link}<p>Text.</p>") == [("Ann Lee", "person")]
    assert _authors(body=f'<h1>Bridge opens</h1><p>Text.</p><div class="related">{link}</div>') == []
    assert _authors(body='<h1>Bridge opens</h1><a href="/about/editors/">Our Editors</a>') == []


def test_a_microdata_author_may_stand_in_a_meta_elements_value():
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><div itemprop="author" itemscope>'
        '<meta itemprop="name" value="Ann Lee"></div></div>'
    )
    assert _authors(body=body) == [("Ann Lee", "person")]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Ana Ruiz | Madrid", ["Ana Ruiz"]),
        ("Von Anna Berg, Berlin", ["Anna Berg"]),
        ("Anna, Berlin", ["Anna"]),
        ("Anna Bianchi - Roma", ["Anna Bianchi"]),
        ("أحمد علي - القاهرة", ["أحمد علي"]),
        ("القاهرة - أحمد علي", ["أحمد علي"]),
        ("سارا احمدی، تهران", ["سارا احمدی"]),
        ("سلیم خان، اسلام آباد", ["سلیم خان"]),
        ("ګل محمد، کابل", ["ګل محمد"]),
        ("Анна Иванова, Москва", ["Анна Иванова"]),
        ("Ann Lee, London, Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Ann Lee, London and Bob Ray, Paris", ["Ann Lee", "Bob Ray"]),
        ("Ana Ruiz desde Madrid", ["Ana Ruiz"]),
        ("Jean Dupont à Paris", ["Jean Dupont"]),
        ("Jack London", ["Jack London"]),
        ("London, Jack", ["Jack London"]),
        ("Lee, Sydney", ["Sydney Lee"]),
        ("Ann Lee and Jack London", ["Ann Lee", "Jack London"]),
        ("Jordan, Ann Lee", ["Jordan", "Ann Lee"]),
        ("Paris Hilton, Berlin", ["Paris Hilton"]),
        ("Leonardo da Vinci", ["Leonardo da Vinci"]),
        ("Berlin", ["Berlin"]),
    ],
)
def test_a_place_beside_a_name_is_no_author(byline, names):
    assert split_names(byline) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Publié par Anne Durand le 20/11/2025", ["Anne Durand"]),
        ("Publié par Anne Durand le 20/11/2025 à 10:30", ["Anne Durand"]),
        ("Publié le 20/11/2025 par Anne Durand", ["Anne Durand"]),
        ("Anne Durand le 20 novembre 2025", ["Anne Durand"]),
        ("Anna Berg am 20.11.2025", ["Anna Berg"]),
        ("سارا احمدی ۱۴۰۴/۰۸/۲۴", ["سارا احمدی"]),
        ("أحمد علي ٢٠/١١/٢٠٢٥", ["أحمد علي"]),
        ("Ann Lee 20/11/2025", ["Ann Lee"]),
        ("20/11/2025 Ann Lee/Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Ann Lee/AFP", ["Ann Lee", "AFP"]),
    ],
)
def test_a_date_with_strokes_goes_before_the_strokes_part_names(byline, names):
    assert split_names(byline) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("أحمد علي وسارة حسن", ["أحمد علي", "سارة حسن"]),
        ("أحمد علي ووليد حسن", ["أحمد علي", "وليد حسن"]),
        ("أحمد علي وسارة حسن ومحمد نور", ["أحمد علي", "سارة حسن", "محمد نور"]),
        ("أحمد علي، وسارة حسن", ["أحمد علي", "سارة حسن"]),
        ("رويترز وفرانس برس", ["رويترز", "فرانس برس"]),
        ("أحمد وليد حسن", ["أحمد وليد حسن"]),
        ("سعيد وائل", ["سعيد وائل"]),
        ("محمد علي وسيم حداد", ["محمد علي وسيم حداد"]),
        ("محمد ولد عبد العزيز", ["محمد ولد عبد العزيز"]),
        ("وسام علي، وليد حسن", ["وسام علي", "وليد حسن"]),
        ("علی وحید احمدی", ["علی وحید احمدی"]),
        ("وحید احمدی و سارا وحیدی", ["وحید احمدی", "سارا وحیدی"]),
        ("سلیم خان وقار احمد", ["سلیم خان وقار احمد"]),
        ("عبد الرحمن بن عبد العزيز السعيد", ["عبد الرحمن بن عبد العزيز السعيد"]),
    ],
)
def test_arabic_and_is_part_of_the_next_word_but_not_of_every_name(byline, names):
    assert split_names(byline) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Von unserem Korrespondenten Anna Berg", ["Anna Berg"]),
        ("Von unserer Korrespondentin in Moskau Anna Berg", ["Anna Berg"]),
        ("dalla nostra inviata Anna Bianchi", ["Anna Bianchi"]),
        ("dal nostro inviato a Parigi Luca Rossi", ["Luca Rossi"]),
        ("De notre correspondant à Moscou Jean Dupont", ["Jean Dupont"]),
        ("Our Political Editor Ann Lee", ["Ann Lee"]),
        ("Una crónica de Ana Ruiz", ["Ana Ruiz"]),
        ("Gastbeitrag von Prof. Dr. Anna Berg", ["Anna Berg"]),
        ("Редактор: Иван Петров", ["Иван Петров"]),
        ("مترجم: سارا احمدی", ["سارا احمدی"]),
        ("نامہ نگار: سلیم خان", ["سلیم خان"]),
        ("نمائندہ خصوصی سلیم خان", ["سلیم خان"]),
        ("خبریال: ګل محمد", ["ګل محمد"]),
        ("Editing by Bob Ray", ["Bob Ray"]),
        ("Reporting by Ann Lee; Editing by Bob Ray", ["Ann Lee"]),
        ("نویسنده: سارا احمدی | مترجم: رضا کریمی", ["سارا احمدی"]),
        ("Analysis: Ann Lee", ["Ann Lee"]),
        ("Author, Ann Lee", ["Ann Lee"]),
        ("Ana Ruiz, enviada especial", ["Ana Ruiz"]),
        ("Our Correspondent", []),
        ("By Our Special Correspondent", []),
        ("Von unserem Korrespondenten", []),
        ("Notre envoyé spécial à Kiev", []),
        ("enviada especial", []),
        ("نمائندہ خصوصی", []),
        ("نامہ نگار خصوصی", []),
        ("Наш корреспондент", []),
        ("Political Editor", []),
        ("Will Head", ["Will Head"]),
        ("Head", ["Head"]),
        ("Dai Lee", ["Dai Lee"]),
        ("La Crónica de Hoy", ["La Crónica de Hoy"]),
        ("Tribune de Genève", ["Tribune de Genève"]),
    ],
)
def test_roles_and_genres_before_a_name_are_no_part_of_it(byline, names):
    assert split_names(byline) == names


@pytest.mark.parametrize(
    "name",
    ["رويترز", "فرانس برس", "بي بي سي", "الأناضول", "أ ف ب", "وكالة الأنباء", "صحيفة المدينة", "ایرنا", "تسنیم", "بی‌بی‌سی", "بی بی سی فارسی",
     "گروه سیاسی", "اے ایف پی", "وائس آف امریکہ", "پژواک خبري آژانس", "Интерфакс", "РИА Новости", "Русская служба Би-би-си", "Deutsche Welle", "DW",
     "Fox News", "New York Times", "Washington Post", "Jordan Times", "EMILY POST"],
)  # fmt: skip
def test_agencies_and_desks_are_organisations_whatever_the_page_calls_them(name):
    assert [kind for _, kind in _authors(_entry({"@type": "Person", "name": name}))] == ["organization"]


@pytest.mark.parametrize(
    "name",
    ["Ana María Ruiz", "Anna von Berg", "Zoë Müller-Lüdenscheidt", "Jean-Luc Dupont", "Luca De Rossi", "João da Silva", "Pieter van den Berg", "Иван Петров",
     "Анна Сергеевна Иванова", "محمود درويش", "وليد حسن", "وفاء علي", "نور الدين الشامي", "سارا احمدی", "مهر علی فارسی", "وحید وحیدی", "محمد رضا صفا",
     "سلیم خان", "عائشہ صدیقہ", "وقار احمد", "ګل محمد", "وحید الله غزنوي", "Emily Post", "Frank B. Press", "Michael Bloomberg", "Chelsea London"],
)  # fmt: skip
def test_names_of_people_stay_whole_and_theirs(name):
    assert _authors(_entry({"@type": "Person", "name": name})) == [(name, "person")]


def test_a_surname_that_papers_bear_needs_the_pages_word_for_a_person():
    assert _authors(_entry("Emily Post")) == [("Emily Post", "organization")]
    head = '<meta property="og:site_name" content="Emily Post">' + _entry({"@type": "Person", "name": "Emily Post"})
    assert _authors(head) == [("Emily Post", "organization")]


def test_an_agency_called_a_person_leaves_the_word_to_the_byline():
    head = _entry({"@type": "Person", "name": "رويترز"})
    assert _authors(head, '<p class="byline">بقلم أحمد علي</p>') == [("أحمد علي", "person")]


def test_where_a_person_works_is_no_second_author_when_it_is_the_publisher():
    head = '<meta property="og:site_name" content="Gull Harbour">'
    assert _authors(head, '<p class="byline">By Ann Lee, Gull Harbour</p>') == [("Ann Lee", "person")]
    assert _authors(head, '<p class="byline">By Ann Lee, AFP</p>') == [("Ann Lee", "person"), ("AFP", "organization")]


@pytest.mark.parametrize("kind", ["Place", "City", "Country"])
def test_a_json_ld_place_is_no_author(kind):
    place = {"@type": kind, "name": "Madrid"}
    assert _authors(_entry(place)) == []
    assert _authors(_entry([{"@type": "Person", "name": "Ana Ruiz"}, place])) == [("Ana Ruiz", "person")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ('<a href="/ann">Ann Lee</a>', ["Ann Lee"]),
        ('By <a href="/ann">Ann Lee</a> and <a href="/bob">Bob Ray</a>', ["Ann Lee", "Bob Ray"]),
        ('<a href="/ann">Ann Lee</a><a href="/bob">Bob Ray</a>', ["Ann Lee", "Bob Ray"]),
        ("&lt;b&gt;Ann Lee&lt;/b&gt;", ["Ann Lee"]),
        ('Ann Lee <a href="/ann', ["Ann Lee"]),
    ],
)
def test_tags_in_a_name_go(name, found):
    assert [one for one, _ in _authors(_entry({"@type": "Person", "name": name}))] == found


def test_a_heading_for_screen_readers_is_no_byline():
    labelled = (
        '<section aria-labelledby="article-byline">{}<ul><li><span class="visually-hidden">نویسنده, </span>'
        "<span>سارا احمدی</span></li><li>۲ ساعت پیش</li></ul></section>"
    )
    for heading in (
        '<strong id="article-byline" class="visually-hidden">اطلاعات مقاله</strong>',
        '<span id="article-byline" class="sr-only">Story Details</span>',
    ):
        assert _authors(body=labelled.format(heading)) == [("سارا احمدی", "person")]
    assert _authors(body='<span class="byline sr-only">By Ann Lee</span>') == [("Ann Lee", "person")]
