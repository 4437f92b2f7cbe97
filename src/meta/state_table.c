/* SPDX-License-Identifier: Apache-2.0 */
/* Names and traditional abbreviations of the states and territories of the US (with the District of
 * Columbia) and of Canada's provinces, in English, Spanish and French. Form and order as in
 * country_table.c. Two-letter codes need no row: they are what the names become. */
#include "meta/country.h"

const struct words state_names = {{
    ['a' - 'a'] =
        ("ala=al alabama=al alas=ak alaska=ak alberta=ab alta=ab americansamoa=as ariz=az "
         "arizona=az ark=ar arkansas=ar "),
    ['b' - 'a'] = "britishcolumbia=bc ",
    ['c' - 'a'] = ("cal=ca cali=ca calif=ca california=ca californie=ca carolinadelnorte=nc "
                   "carolinadelsur=sc carolinedunord=nc carolinedusud=sc colo=co "
                   "colombiebritannique=bc colorado=co commonwealthofpuertorico=pr "
                   "commonwealthofthenorthernmarianaislands=mp conn=ct connecticut=ct "),
    ['d' - 'a'] = ("dakotadelnorte=nd dakotadelsur=sd dakotadunord=nd dakotadusud=sd del=de "
                   "delaware=de districtofcolumbia=dc "),
    ['f' - 'a'] = "fla=fl florida=fl floride=fl ",
    ['g' - 'a'] = "georgia=ga georgie=ga guam=gu ",
    ['h' - 'a'] = "hawai=hi hawaii=hi ",
    ['i' - 'a'] = "idaho=id ileduprinceedouard=pe ill=il illinois=il ind=in indiana=in iowa=ia ",
    ['k' - 'a'] = "kalifornien=ca kan=ks kans=ks kansas=ks kentucky=ky ",
    ['l' - 'a'] = "labrador=nl louisiana=la louisiane=la luisiana=la ",
    ['m' - 'a'] =
        ("maine=me man=mb manitoba=mb maryland=md mass=ma massachusetts=ma mich=mi "
         "michigan=mi minn=mn minnesota=mn misisipi=ms miss=ms mississippi=ms missouri=mo "
         "misuri=mo mont=mt montana=mt "),
    ['n' - 'a'] =
        ("ncar=nc ncarolina=nc ndak=nd ndakota=nd neb=ne nebr=ne nebraska=ne nev=nv nevada=nv "
         "newbrunswick=nb newfoundland=nl newfoundlandandlabrador=nl newfoundlandlabrador=nl "
         "newhampshire=nh newjersey=nj newmexico=nm newyork=ny newyorkstate=ny nmex=nm "
         "nmexico=nm northcarolina=nc northdakota=nd northernmarianaislands=mp "
         "northwestterritories=nt nouveaubrunswick=nb nouveaumexique=nm nouvelleecosse=ns "
         "novascotia=ns nuevajersey=nj nuevayork=ny nuevomexico=nm nunavut=nu nwt=nt "),
    ['o' - 'a'] = "ohio=oh okla=ok oklahoma=ok ont=on ontario=on ore=or oreg=or oregon=or ",
    ['p' - 'a'] = ("pei=pe penn=pa penna=pa pennsilvania=pa pennsylvania=pa pennsylvanie=pa "
                   "pensilvania=pa princeedwardisland=pe puertorico=pr "),
    ['q' - 'a'] = "que=qc quebec=qc ",
    ['r' - 'a'] = "rhodeisland=ri ",
    ['s' - 'a'] =
        ("sask=sk saskatchewan=sk scar=sc scarolina=sc sdak=sd sdakota=sd southcarolina=sc "
         "southdakota=sd stateofnewyork=ny stateofwashington=wa "),
    ['t' - 'a'] = ("tejas=tx tenn=tn tennessee=tn terreneuve=nl terreneuveetlabrador=nl "
                   "territoiresdunordouest=nt tex=tx texas=tx "),
    ['u' - 'a'] = "unitedstatesvirginislands=vi usvirginislands=vi utah=ut ",
    ['v' - 'a'] =
        ("vermont=vt virginia=va virginiaoccidental=wv virginie=va virginieoccidentale=wv "
         "virginislands=vi virginislandsus=vi "),
    ['w' - 'a'] =
        ("wash=wa washdc=dc washington=wa washingtondc=dc washingtondistrictofcolumbia=dc "
         "washingtonstate=wa westvirginia=wv wis=wi wisc=wi wisconsin=wi wva=wv wvirginia=wv "
         "wyo=wy wyoming=wy "),
    ['y' - 'a'] = "yukon=yt yukonterritory=yt ",
}};
